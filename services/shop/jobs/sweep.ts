import type { ServiceContext } from "../context.ts";
import { eraseClosedOrders } from "../store/buyer-erasure.ts";
import { deleteAnonymousCarts, deleteCartWrites } from "../store/carts.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const anonymousCartTtlMs = 30 * dayMs;
const cartWriteTtlMs = dayMs;

/**
 * Deletes unused anonymous carts and old idempotency keys, and erases what was kept of deleted buyers for orders that
 * are closed by now.
 */
export async function sweep({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<void> {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  await deleteAnonymousCarts(db, ago(anonymousCartTtlMs));
  await deleteCartWrites(db, ago(cartWriteTtlMs));
  await db.begin(eraseClosedOrders);
}
