import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderPaidSchema,
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderShippedSchema,
} from "@plaza/contract/shop/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { announce } from "@plaza/kit/events/outbox";
import type { Parts } from "../context.ts";
import { advance, noSuchOrder, type WholeOrder } from "../domain/order.ts";
import {
  type Action,
  type Actor,
  isTaken,
  type OrderState,
  transition,
} from "../domain/order-state-machine.ts";
import * as store from "../store/orders.ts";
import { takeStock } from "../store/products.ts";

const eventOf = {
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
export async function takeStep(
  tx: Tx,
  { lockProducts, now }: Pick<Parts, "lockProducts" | "now">,
  id: string,
  action: Action,
  said: { readonly actor: Actor; readonly note: string },
): Promise<WholeOrder> {
  const before = (await store.lockOrder(tx, id)) ?? noSuchOrder(id);
  const been = before.steps.map(({ state }) => state);
  if (isTaken(action, been)) return before;
  const step = transition(before.state, action);
  const after = advance(before, step, said, now());
  await store.saveStep(tx, after);
  if (step.stock === "frees") {
    const freed = after.items.map(({ productId, quantity }) => ({
      productId,
      quantity: -quantity,
    }));
    await lockProducts(
      tx,
      freed.map(({ productId }) => productId),
    );
    await takeStock(tx, freed);
  }
  const event = { orderId: after.id, userId: after.userId ?? "" };
  await announce(tx, eventOf[after.state], event, after.id);
  return after;
}
