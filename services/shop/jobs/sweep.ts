import type { Parts } from "../context.ts";
import { deleteAnonymousCarts, deleteWrites } from "../store/carts.ts";
import { deleteFormerBuyers, forgetFormerBuyers } from "../store/deleted-buyers.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const anonymousCartMs = 30 * dayMs;
const writeMs = dayMs;
/** Longer than any credential of a deleted account is taken. */
const formerBuyerMs = dayMs;

/**
 * Clears away carts that nobody came back to, keys that nobody repeats any more, and what former buyers
 * still had under way when they left.
 */
export async function sweep({ db, now }: Pick<Parts, "db" | "now">): Promise<void> {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  await deleteAnonymousCarts(db, ago(anonymousCartMs));
  await deleteWrites(db, ago(writeMs));
  await db.begin(forgetFormerBuyers);
  await deleteFormerBuyers(db, ago(formerBuyerMs));
}
