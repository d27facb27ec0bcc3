import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import { isExpired } from "../domain/order.ts";
import * as store from "../store/orders.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";

const maxOrdersPerPass = 100;

/**
 * Cancels unpaid orders after their time to pay. Each in a transaction of its own, which releases the
 * stock and inserts the step: stock is released once, even if a process dies or several run this.
 */
export async function expireOrders(deps: ServiceContext): Promise<void> {
  const { db, now } = deps;
  for (let more = true; more; ) {
    const ids = await store.listExpiredOrderIds(db, now(), maxOrdersPerPass);
    for (const id of ids) await db.begin((tx) => expireOrder(tx, deps, id));
    more = ids.length === maxOrdersPerPass;
  }
}

async function expireOrder(tx: Tx, deps: ServiceContext, id: string): Promise<void> {
  const order = await store.lockOrder(tx, id);
  // It may have been paid or cancelled since it was listed.
  if (!order || !isExpired(order, deps.now())) return;
  await applyTransition(tx, deps, id, "Expire", { actor: "shop", note: "" });
}
