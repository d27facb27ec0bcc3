import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  OrderActor,
  OrderItemSchema,
  type Order as OrderMessage,
  OrderSchema,
  OrderStepSchema,
  OrderState as WireState,
} from "@plaza/contract/shop/v1/orders";
import { totalOf } from "../domain/cart.ts";
import type { OrderDetails, OrderItem, OrderStep } from "../domain/order.ts";
import type { Actor, OrderState } from "../domain/order-state-machine.ts";
import type { PaymentAttempt } from "../domain/payment-attempt.ts";
import type { PaymentProvider } from "../domain/payment-provider.ts";

const protoStates: Record<OrderState, WireState> = {
  pending_payment: WireState.PENDING_PAYMENT,
  confirming: WireState.CONFIRMING,
  paid: WireState.PAID,
  shipped: WireState.SHIPPED,
  delivered: WireState.DELIVERED,
  cancelled: WireState.CANCELLED,
  refunding: WireState.REFUNDING,
  refunded: WireState.REFUNDED,
};

const protoActors: Record<Actor, OrderActor> = {
  buyer: OrderActor.BUYER,
  admin: OrderActor.ADMIN,
  shop: OrderActor.SHOP,
};

/** The attempt, for those who may see how it goes, is what the order waits for. */
export function toOrder(
  order: OrderDetails,
  provider: PaymentProvider,
  attempt?: PaymentAttempt,
): OrderMessage {
  const { id, userId, state, items, totalMinor, currency, steps } = order;
  const { deliveryName, deliveryAddress, note, paymentMethod } = order;
  const isPending = state === "pending_payment";
  const payment = {
    method: paymentMethod,
    instructions: isPending ? provider.instructions(order) : "",
    problem: attempt?.problem ?? "",
    ...(attempt?.nextCallTime && { retryTime: timestampFromDate(attempt.nextCallTime) }),
  };
  return create(OrderSchema, {
    id,
    userId: userId ?? "",
    state: protoStates[state],
    items: items.map(toOrderItem),
    totalMinor,
    currency,
    payment,
    deliveryName,
    deliveryAddress,
    note,
    ...(isPending && { expireTime: timestampFromDate(order.expireTime) }),
    timeline: steps.map(toOrderStep),
    createTime: timestampFromDate(order.createTime),
    updateTime: timestampFromDate(order.updateTime),
  });
}

function toOrderItem(item: OrderItem) {
  return create(OrderItemSchema, { ...item, totalMinor: totalOf([item]) });
}

function toOrderStep({ state, actor, note, createTime }: OrderStep) {
  return create(OrderStepSchema, {
    state: protoStates[state],
    actor: protoActors[actor],
    note,
    createTime: timestampFromDate(createTime),
  });
}

/** Undefined for UNSPECIFIED, which is any state. */
export function fromOrderState(wire: WireState): OrderState | undefined {
  return Object.entries(protoStates).find(([, one]) => one === wire)?.[0] as OrderState | undefined;
}
