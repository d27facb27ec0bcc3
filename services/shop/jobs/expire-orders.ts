import type { Tx } from "@plaza/kit/db/database";
import type { Parts } from "../context.ts";
import { isExpired } from "../domain/order.ts";
import * as store from "../store/orders.ts";
import { takeStep } from "../use-cases/apply-transition.ts";

const mostAtOnce = 100;

/**
 * Cancels the orders whose time to pay has run out. Each in a transaction of its own, which frees the
 * goods and writes the step that says so: whoever dies in between, and however many do this at once,
 * the goods are freed once.
 */
export async function expireOrders(parts: Parts): Promise<void> {
  const { db, now } = parts;
  for (let more = true; more; ) {
    const ids = await store.listExpired(db, now(), mostAtOnce);
    for (const id of ids) await db.begin((tx) => expire(tx, parts, id));
    more = ids.length === mostAtOnce;
  }
}

async function expire(tx: Tx, parts: Parts, id: string): Promise<void> {
  const order = await store.lockOrder(tx, id);
  // Paid or cancelled since it was listed.
  if (!order || !isExpired(order, parts.now())) return;
  await takeStep(tx, parts, id, "Expire", { actor: "shop", note: "" });
}
