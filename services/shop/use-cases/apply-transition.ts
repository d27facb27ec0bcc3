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
 * Takes an order one step on, with all that this entails: the goods, the timeline, the event. An order
 * that has taken the step already is answered as it is.
 */
export async function applyTransition(
  tx: Tx,
  { now }: Pick<ServiceContext, "now">,
  id: string,
  action: OrderAction,
  details: { readonly actor: Actor; readonly note: string },
): Promise<OrderDetails> {
  const before = (await store.lockOrder(tx, id)) ?? noSuchOrder(id);
  const been = before.steps.map(({ state }) => state);
  if (hasApplied(action, been)) return before;
  const step = findTransition(before.state, action);
  const after = advance(before, step, details, now());
  await store.saveOrderStep(tx, after);
  if (step.stockEffect === "release") {
    const freed = after.items.map(({ productId, quantity }) => ({
      productId,
      quantity: -quantity,
    }));
    await lockProducts(
      tx,
      freed.map(({ productId }) => productId),
    );
    await decrementStock(tx, freed);
  }
  const event = { orderId: after.id, userId: after.userId ?? "" };
  await publish(tx, eventSchemas[after.state], event, after.id);
  return after;
}
