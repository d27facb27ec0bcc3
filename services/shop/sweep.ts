import { deleteAnonymousCarts, deleteWrites } from "./cart-store.ts";
import type { Parts } from "./parts.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const anonymousCartMs = 30 * dayMs;
const writeMs = dayMs;

/** Clears away carts that nobody came back to, and keys that nobody repeats any more. */
export async function sweep({ db, now }: Pick<Parts, "db" | "now">): Promise<void> {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  await deleteAnonymousCarts(db, ago(anonymousCartMs));
  await deleteWrites(db, ago(writeMs));
}
