import type { ServiceContext } from "../context.ts";
import { deleteAnonymousCarts, deleteCartWrites } from "../store/carts.ts";
import { eraseDeletedBuyers, purgeDeletedBuyers } from "../store/deleted-buyers.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const anonymousCartTtlMs = 30 * dayMs;
const cartWriteTtlMs = dayMs;
/** Longer than any credential of a deleted account stays valid. */
const deletedBuyerTtlMs = dayMs;

/**
 * Deletes unused anonymous carts and old idempotency keys, and erases what deleted buyers had in progress
 * when their accounts were deleted.
 */
export async function sweep({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<void> {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  await deleteAnonymousCarts(db, ago(anonymousCartTtlMs));
  await deleteCartWrites(db, ago(cartWriteTtlMs));
  await db.begin(eraseDeletedBuyers);
  await purgeDeletedBuyers(db, ago(deletedBuyerTtlMs));
}
