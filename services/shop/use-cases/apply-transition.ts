import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderPaidSchema,
  OrderRefundedSchema,
  OrderShippedSchema,
} from "@plaza/contract/shop/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import type { ServiceContext } from "../context.ts";
import { advance, noSuchOrder, type OrderDetails } from "../domain/order.ts";
import {
  type Actor,
  awaitedPaymentKinds,
  findTransition,
  hasApplied,
  type OrderAction,
} from "../domain/order-state-machine.ts";
import * as store from "../store/orders.ts";
import { insertAttempt } from "../store/payment-attempts.ts";
import { decrementStock, lockProducts } from "../store/products.ts";

/** States in between publish nothing. Check-out publishes OrderPlaced. */
const eventSchemas = {
  pending_payment: undefined,
  confirming: undefined,
  paid: OrderPaidSchema,
  shipped: OrderShippedSchema,
  delivered: OrderDeliveredSchema,
  cancelled: OrderCancelledSchema,
  refunding: undefined,
  refunded: OrderRefundedSchema,
};

/**
 * Applies a transition to an order: stock, payment attempt, timeline, event. An order that has had it already is
 * returned as it is.
 */
export async function applyTransition(
  tx: Tx,
  { now, providerOf }: Pick<ServiceContext, "now" | "providerOf">,
  id: string,
  action: OrderAction,
  details: { readonly actor: Actor; readonly note: string },
): Promise<OrderDetails> {
  const before = (await store.lockOrder(tx, id)) ?? noSuchOrder(id);
  const pastStates = before.steps.map(({ state }) => state);
  if (hasApplied(action, pastStates)) return before;
  const transition = findTransition(before.state, action, details.actor);
  const after = advance(before, transition, details, now());
  await store.saveOrderStep(tx, after);
  if (transition.stockEffect === "release") await releaseStock(tx, after);
  const kind = awaitedPaymentKinds[after.state];
  if (kind) {
    // An admin has asked for it, or the provider needs none.
    const isDue = details.actor === "admin" || providerOf(after.paymentMethod).movesMoney;
    const createTime = after.updateTime;
    await insertAttempt(tx, id, kind, { nextCallTime: isDue ? createTime : null, createTime });
  }
  const schema = eventSchemas[after.state];
  const event = { orderId: after.id, userId: after.userId ?? "" };
  if (schema) await publish(tx, schema, event, after.id);
  return after;
}

async function releaseStock(tx: Tx, { items }: OrderDetails): Promise<void> {
  const released = items.map(({ productId, quantity }) => ({ productId, quantity: -quantity }));
  const ids = released.map(({ productId }) => productId);
  await lockProducts(tx, ids);
  await decrementStock(tx, released);
}
