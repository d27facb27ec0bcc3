import type { Db, Tx } from "@plaza/kit/db/database";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import { nilUuid } from "@plaza/kit/rpc/pagination";
import type { Order, OrderDetails, OrderItem, OrderStep } from "../domain/order.ts";
import type { OrderState } from "../domain/order-state-machine.ts";
import type { Reservations } from "../domain/reservation-limits.ts";

const columns = [
  "id",
  "userId",
  "state",
  "totalMinor",
  "currency",
  "paymentMethod",
  "deliveryName",
  "deliveryAddress",
  "note",
  "expireTime",
  "createTime",
  "updateTime",
];

export async function findOrder(db: Db, id: string): Promise<Order | undefined> {
  const [order] = await db<Order[]>`select ${db(columns)} from shop_order where id = ${id}`;
  return order;
}

/** Locks the order until the transaction ends, so that transitions run one at a time. */
export async function lockOrder(tx: Tx, id: string): Promise<OrderDetails | undefined> {
  const [order] = await tx<Order[]>`
    select ${tx(columns)} from shop_order where id = ${id} for update`;
  return order && (await withDetails(tx, [order]))[0];
}

/** The order placed under a key, and the digest of that request. */
export async function findOrderByIdempotencyKey(
  db: Db,
  userId: string,
  key: string,
): Promise<{ order: OrderDetails; digest: string } | undefined> {
  const [row] = await db<(Order & { requestDigest: string })[]>`
    select ${db(columns)}, request_digest from shop_order
    where user_id = ${userId} and idempotency_key = ${key}`;
  if (!row) return undefined;
  const { requestDigest: digest, ...found } = row;
  const [order] = await withDetails(db, [found]);
  return order && { order, digest };
}

/** Newest first; of all buyers without `userId`, in all states without `state`. */
export function listOrders(
  db: Db,
  {
    userId,
    state,
  }: { readonly userId?: string | undefined; readonly state?: OrderState | undefined },
  before: string,
  limit: number,
): Promise<Order[]> {
  if (userId === undefined && state !== undefined) {
    return listOrdersInState(db, state, before, limit);
  }
  return db<Order[]>`
    select ${db(columns)} from shop_order
    where ${userId === undefined ? db`true` : db`user_id = ${userId}`}
      and ${state === undefined ? db`true` : db`state = ${state}`}
      and id < ${before}
    order by id desc limit ${limit}`;
}

/**
 * For `state = …` PostgreSQL would scan all orders by id until enough are in that state: for the few
 * that wait for payment or shipping that is the whole table. For a range it uses the index.
 */
function listOrdersInState(
  db: Db,
  state: OrderState,
  before: string,
  limit: number,
): Promise<Order[]> {
  return db<Order[]>`
    select ${db(columns)} from shop_order
    where (state, id) < (${state}, ${before}) and (state, id) >= (${state}, ${nilUuid})
    order by state desc, id desc limit ${limit}`;
}

/** The ids of unpaid orders whose time to pay is over. */
export async function listExpiredOrderIds(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from shop_order where state = 'pending_payment' and expire_time <= ${now}
    order by expire_time limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** What the unpaid orders of a buyer reserve. Lock the buyer's cart first, or a check-out may add to it. */
export async function findReservations(tx: Tx, userId: string): Promise<Reservations> {
  const rows = await tx<{ orderCount: number; productId: string; pieces: number }[]>`
    with unpaid as materialized (
      select id from shop_order where user_id = ${userId} and state in ('pending_payment', 'confirming')
    )
    select product_id, sum(quantity)::int as pieces,
      (select count(*) from unpaid)::int as order_count
    from unpaid join order_item on order_id = id
    group by product_id`;
  const piecesByProduct = new Map(rows.map(({ productId, pieces }) => [productId, pieces]));
  return { orderCount: rows[0]?.orderCount ?? 0, piecesByProduct };
}

/** Loads items and steps of the orders. */
export async function withDetails(db: Db, orders: readonly Order[]): Promise<OrderDetails[]> {
  const ids = orders.map(({ id }) => id);
  const [items, steps] = await Promise.all([
    db<(OrderItem & { orderId: string })[]>`
      select order_id, product_id, name, quantity, price_minor from order_item
      where order_id = any(${ids}::uuid[]) order by order_id, position`,
    db<(OrderStep & { orderId: string })[]>`
      select order_id, state, actor, note, create_time from order_step
      where order_id = any(${ids}::uuid[]) order by order_id, position`,
  ]);
  const itemsOf = Map.groupBy(items, ({ orderId }) => orderId);
  const stepsOf = Map.groupBy(steps, ({ orderId }) => orderId);
  return orders.map((order) => {
    const ownSteps = (stepsOf.get(order.id) ?? []).map(({ orderId: _, ...step }) => step);
    const last = ownSteps.at(-1);
    return {
      ...order,
      // A step may have been added since the order was read.
      ...(last && { state: last.state, updateTime: last.createTime }),
      items: (itemsOf.get(order.id) ?? []).map(({ orderId: _, ...item }) => item),
      steps: ownSteps,
    };
  });
}

export async function insertOrder(
  tx: Tx,
  { items, steps, ...order }: OrderDetails,
  { key, digest }: IdempotencyKey,
): Promise<void> {
  // Statements are sent when they are awaited: together, the order before the rows that refer to it.
  const orderInsert = tx`
    insert into shop_order ${tx({ ...order, idempotencyKey: key, requestDigest: digest })}`;
  const itemInsert = tx`
    insert into order_item (order_id, product_id, name, quantity, price_minor, position)
    select ${order.id}::uuid, product_id, name, quantity, price_minor, position
    from unnest(
      ${items.map(({ productId }) => productId)}::uuid[],
      ${items.map(({ name }) => name)}::text[],
      ${items.map(({ quantity }) => quantity)}::smallint[],
      ${items.map(({ priceMinor }) => priceMinor)}::bigint[]
    ) with ordinality as bought (product_id, name, quantity, price_minor, position)`;
  const stepInserts = steps.map((step, position) => insertOrderStep(tx, order.id, step, position));
  await Promise.all([orderInsert, itemInsert, ...stepInserts]);
}

/** Saves the state of an order and its last step. */
export async function saveOrderStep(tx: Tx, { id, state, updateTime, steps }: OrderDetails) {
  // The note of the step is personal data, too.
  await tx`
    update shop_order set ${tx({ state, updateTime })}, erasure_due = user_id is null
    where id = ${id}`;
  const step = steps.at(-1);
  if (step) await insertOrderStep(tx, id, step, steps.length - 1);
}

function insertOrderStep(
  tx: Tx,
  orderId: string,
  step: OrderStep,
  position: number,
): Promise<unknown> {
  return tx`insert into order_step ${tx({ orderId, ...step, position })}`;
}
