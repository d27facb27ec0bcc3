import { OrderPlacedSchema } from "@plaza/contract/shop/v1/events";
import { requireUndeletedUser } from "@plaza/kit/db/deleted-users";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { publish } from "@plaza/kit/events/outbox";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { type CheckOutDetails, type OrderDetails, placeOrder } from "../domain/order.ts";
import { assertReservationLimits, noReservations } from "../domain/reservation-limits.ts";
import * as carts from "../store/carts.ts";
import * as orders from "../store/orders.ts";
import { decrementStock, lockProducts } from "../store/products.ts";

/** Turns the user's cart into an order; returns the earlier order of the same request, if any. */
export async function checkOut(
  { db, now, newId, provider, holdMs, limits }: ServiceContext,
  userId: string,
  details: CheckOutDetails,
  request: IdempotencyKey,
): Promise<OrderDetails> {
  // Without limits a buyer's unpaid orders may be too many to add up.
  const hasLimits = Object.values(limits).some(Number.isFinite);
  return db.begin(async (tx) => {
    await requireUndeletedUser(tx, userId);
    // A buyer has one cart, so this also puts the check-outs of a buyer in a row, as the limits need it.
    const cart = await carts.lockCart(tx, { userId });
    const [before, lines, reservations] = await Promise.all([
      orders.findOrderByIdempotencyKey(tx, userId, request.key),
      cart ? carts.listLines(tx, cart.id) : [],
      hasLimits ? orders.findReservations(tx, userId) : noReservations,
    ]);
    if (before) return before.digest === request.digest ? before.order : idempotencyKeyReused();
    const ids = lines.map(({ productId }) => productId);
    const products = await lockProducts(tx, ids);
    const createTime = now();
    const expireTime = new Date(createTime.getTime() + holdMs);
    const created = { id: newId(), userId, paymentMethod: provider.name, createTime, expireTime };
    const order = placeOrder({ cart, lines }, products, details, created);
    assertReservationLimits(limits, reservations, order.items);
    const emptied = cart && { ...cart, version: cart.version + 1n, updateTime: createTime };
    // Sent together, because other check-outs wait for these products.
    await Promise.all([
      decrementStock(tx, order.items),
      orders.insertOrder(tx, order, request),
      emptied && carts.saveCart(tx, emptied, lines, []),
      publish(tx, OrderPlacedSchema, { orderId: order.id, userId }, order.id),
    ]);
    return order;
  });
}
