import type { Tx } from "@plaza/kit/db/database";

/** Erases the personal data of a deleted buyer: deletes the cart, anonymises orders. */
export async function eraseBuyer(tx: Tx, userId: string): Promise<void> {
  await tx`delete from cart where user_id = ${userId}`;
  // Locked, so that a concurrent transition has inserted its note before notes are erased.
  const orders = await tx<{ id: string }[]>`
    select id from shop_order where user_id = ${userId} order by id for update`;
  const ids = orders.map(({ id }) => id);
  await tx`
    update order_step set note = '' where order_id = any(${ids}::uuid[]) and note <> ''`;
  // The digest of a request would allow to test guesses of names and addresses.
  await tx`
    update shop_order
    set user_id = null, delivery_name = '', delivery_address = '', note = '',
      idempotency_key = id, request_digest = ''
    where id = any(${ids}::uuid[])`;
}
