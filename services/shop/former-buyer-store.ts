import type { Db, Tx } from "@plaza/kit/db";

export async function insertFormerBuyer(tx: Tx, userId: string, now: Date): Promise<void> {
  await tx`
    insert into former_buyer (user_id, leave_time) values (${userId}, ${now})
    on conflict do nothing`;
}

/** Drops the carts of former buyers and keeps their orders, without a word of who it was. */
export async function forgetFormerBuyers(tx: Tx): Promise<void> {
  // The cart first: a check-out that holds it has placed its order by the time we come to that.
  await tx`delete from cart where user_id in (select user_id from former_buyer)`;
  await tx`
    update order_step set note = '' from shop_order
    where shop_order.id = order_id and order_step.note <> ''
      and user_id in (select user_id from former_buyer)`;
  await tx`
    update shop_order
    set user_id = null, delivery_name = '', delivery_address = '', note = ''
    where user_id in (select user_id from former_buyer)`;
}

export async function deleteFormerBuyers(db: Db, before: Date): Promise<void> {
  await db`delete from former_buyer where leave_time < ${before}`;
}
