import type { Db, Tx } from "@plaza/kit/db/database";

export async function insertDeletedBuyer(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx`
    insert into former_buyer (user_id, leave_time) values (${userId}, ${now})
    on conflict do nothing`;
}

/** Erases personal data of deleted buyers: deletes carts, anonymises orders. */
export async function eraseDeletedBuyers(tx: Tx): Promise<void> {
  // Carts first: a check-out that has locked the cart has inserted its order before orders are read.
  await tx`delete from cart where user_id in (select user_id from former_buyer)`;
  // Locked, so that a concurrent transition has inserted its note before notes are erased.
  const orders = await tx<{ id: string }[]>`
    select id from shop_order where user_id in (select user_id from former_buyer)
    order by id for update`;
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

export async function purgeDeletedBuyers(db: Db, before: Date): Promise<void> {
  await db`delete from former_buyer where leave_time < ${before}`;
}
