import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import { isExpired } from "../domain/order.ts";
import * as store from "../store/orders.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";

const maxOrdersPerPass = 100;

/**
 * Cancels the orders whose time to pay has run out. Each in a transaction of its own, which frees the
 * goods and writes the step that says so: whoever dies in between, and however many do this at once,
 * the goods are freed once.
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
  // Paid or cancelled since it was listed.
  if (!order || !isExpired(order, deps.now())) return;
  await applyTransition(tx, deps, id, "Expire", { actor: "shop", note: "" });
}
