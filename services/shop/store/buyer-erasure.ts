import type { Tx } from "@plaza/kit/db/database";
import { closedStates } from "../domain/order-state-machine.ts";

/**
 * Deletes the cart of a deleted buyer and separates the buyer from their orders. Those that are not paid expire
 * now; eraseClosedOrders does the rest.
 */
export async function detachBuyer(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx`delete from cart where user_id = ${userId}`;
  // The digest of a request would allow to test guesses of names and addresses. Locked in the order of ids,
  // against deadlock.
  await tx`
    with listed as (
      select id from shop_order where user_id = ${userId} order by id for update
    )
    update shop_order
    set user_id = null, idempotency_key = id, request_digest = '', erasure_due = true,
      expire_time = least(expire_time, ${now}::timestamptz)
    where id in (select id from listed)`;
}

/** Erases personal data from orders of deleted buyers that nothing is owed for any more. */
export async function eraseClosedOrders(tx: Tx): Promise<void> {
  // Locked, so that a concurrent transition has inserted its note before notes are erased.
  const orders = await tx<{ id: string }[]>`
    select id from shop_order
    where erasure_due and state = any(${closedStates}::text[]) and not exists (
      select from payment_attempt where order_id = shop_order.id and outcome is null
    )
    order by id for update`;
  const ids = orders.map(({ id }) => id);
  await tx`update order_step set note = '' where order_id = any(${ids}::uuid[]) and note <> ''`;
  await tx`update payment_attempt set problem = '' where order_id = any(${ids}::uuid[])`;
  await tx`
    update shop_order
    set delivery_name = '', delivery_address = '', note = '', erasure_due = false
    where id = any(${ids}::uuid[])`;
}
