import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderPaidSchema,
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderShippedSchema,
} from "@plaza/contract/shop/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import type { ServiceContext } from "../context.ts";
import { advance, noSuchOrder, type OrderDetails } from "../domain/order.ts";
import {
  type Actor,
  findTransition,
  hasApplied,
  type OrderAction,
  type OrderState,
} from "../domain/order-state-machine.ts";
import * as store from "../store/orders.ts";
import { decrementStock, lockProducts } from "../store/products.ts";

const eventSchemas = {
  pending_payment: OrderPlacedSchema,
  paid: OrderPaidSchema,
  shipped: OrderShippedSchema,
  delivered: OrderDeliveredSchema,
  cancelled: OrderCancelledSchema,
  refunded: OrderRefundedSchema,
} satisfies Record<OrderState, unknown>;

/**
 * Applies a transition to an order: stock, timeline, event. An order that has had it already is returned
 * as it is.
 */
export async function applyTransition(
  tx: Tx,
  { now }: Pick<ServiceContext, "now">,
  id: string,
  action: OrderAction,
  details: { readonly actor: Actor; readonly note: string },
): Promise<OrderDetails> {
  const before = (await store.lockOrder(tx, id)) ?? noSuchOrder(id);
  const pastStates = before.steps.map(({ state }) => state);
  if (hasApplied(action, pastStates)) return before;
  const transition = findTransition(before.state, action);
  const after = advance(before, transition, details, now());
  await store.saveOrderStep(tx, after);
  if (transition.stockEffect === "release") {
    const released = after.items.map(({ productId, quantity }) => ({
      productId,
      quantity: -quantity,
    }));
    await lockProducts(
      tx,
      released.map(({ productId }) => productId),
    );
    await decrementStock(tx, released);
  }
  const event = { orderId: after.id, userId: after.userId ?? "" };
  await publish(tx, eventSchemas[after.state], event, after.id);
  return after;
}
