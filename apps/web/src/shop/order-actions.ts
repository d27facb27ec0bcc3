import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { shop } from "../lib/clients.ts";

/** The names of the actions in the ids of their texts. */
type OrderActionName =
  | "confirmPayment"
  | "retryPayment"
  | "giveUpPayment"
  | "ship"
  | "deliver"
  | "cancel"
  | "refund"
  | "retryRefund";

/** An action of the buyer or an admin that changes the state of an order. */
export type OrderAction = {
  readonly name: OrderActionName;
  readonly isDestructive: boolean;
  run(request: { id: string; note: string }): Promise<Order>;
};

const confirmPayment: OrderAction = {
  name: "confirmPayment",
  isDestructive: false,
  run: (request) => shop.confirmPayment(request),
};

const ship: OrderAction = {
  name: "ship",
  isDestructive: false,
  run: (request) => shop.shipOrder(request),
};

const deliver: OrderAction = {
  name: "deliver",
  isDestructive: false,
  run: (request) => shop.deliverOrder(request),
};

const cancel: OrderAction = {
  name: "cancel",
  isDestructive: true,
  run: (request) => shop.cancelOrder(request),
};

const refund: OrderAction = {
  name: "refund",
  isDestructive: true,
  run: (request) => shop.refundOrder(request),
};

const giveUpPayment: OrderAction = { ...cancel, name: "giveUpPayment" };

const retryPayment: OrderAction = { ...confirmPayment, name: "retryPayment" };

const retryRefund: OrderAction = { ...refund, name: "retryRefund", isDestructive: false };

const adminActionsByState: Partial<Record<OrderState, readonly OrderAction[]>> = {
  [OrderState.PENDING_PAYMENT]: [confirmPayment, cancel],
  [OrderState.CONFIRMING]: [retryPayment, giveUpPayment],
  [OrderState.PAID]: [ship, refund],
  [OrderState.SHIPPED]: [deliver, refund],
  [OrderState.DELIVERED]: [refund],
  [OrderState.REFUNDING]: [retryRefund],
};

/** The actions of an admin on an order, the usual next one first. The state machine is in docs/orders.md. */
export function adminOrderActions({ state }: Order): readonly OrderAction[] {
  return adminActionsByState[state] ?? [];
}

/** The actions of the buyer on an order. */
export function buyerOrderActions({ state }: Order): readonly OrderAction[] {
  return state === OrderState.PENDING_PAYMENT ? [cancel] : [];
}
