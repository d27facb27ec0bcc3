import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { shop } from "../lib/clients.ts";

/** An action of the buyer or an admin that changes the state of an order. */
export type OrderActionSpec = {
  /** The label of the button. */
  readonly label: string;
  /** The text of the dialog that asks for confirmation. */
  readonly explanation: string;
  /** What the note is for, as a hint below its field. */
  readonly noteHint: string;
  readonly successMessage: string;
  readonly isDestructive?: boolean;
  run(request: { id: string; note: string }): Promise<Order>;
};

const confirmPayment: OrderActionSpec = {
  label: "Confirm payment",
  explanation: "The money is there. The buyer sees that the order is paid.",
  noteHint: "How it was paid",
  successMessage: "The order is paid.",
  run: (request) => shop.confirmPayment(request),
};

const ship: OrderActionSpec = {
  label: "Ship",
  explanation: "The goods are on their way, or ready to be picked up.",
  noteHint: "Say, a number to track it by",
  successMessage: "The order is on its way.",
  run: (request) => shop.shipOrder(request),
};

const deliver: OrderActionSpec = {
  label: "Mark as delivered",
  explanation: "The buyer has the goods.",
  noteHint: "Anything to remember",
  successMessage: "The order is delivered.",
  run: (request) => shop.deliverOrder(request),
};

const cancel: OrderActionSpec = {
  label: "Cancel order",
  explanation: "The goods that are kept for this order go back on sale. This cannot be undone.",
  noteHint: "Why",
  successMessage: "The order is cancelled.",
  isDestructive: true,
  run: (request) => shop.cancelOrder(request),
};

const refund: OrderActionSpec = {
  label: "Refund",
  explanation:
    "The buyer has the money back. Goods that were not shipped go back on sale. This cannot be undone.",
  noteHint: "Why",
  successMessage: "The order is refunded.",
  isDestructive: true,
  run: (request) => shop.refundOrder(request),
};

const giveUpPayment: OrderActionSpec = {
  ...cancel,
  explanation:
    "The goods that are kept for this order go back on sale. A payment that arrives after all is refunded. This cannot be undone.",
};

const retryPayment: OrderActionSpec = {
  ...confirmPayment,
  label: "Try again",
  explanation: "The payment provider is asked again now.",
  successMessage: "The payment provider was asked again.",
};

const retryRefund: OrderActionSpec = {
  ...refund,
  label: "Try again",
  explanation: "The payment provider is asked again to return the money.",
  successMessage: "The payment provider was asked again.",
  isDestructive: false,
};

const adminActionsByState: Partial<Record<OrderState, readonly OrderActionSpec[]>> = {
  [OrderState.PENDING_PAYMENT]: [confirmPayment, cancel],
  [OrderState.CONFIRMING]: [retryPayment, giveUpPayment],
  [OrderState.PAID]: [ship, refund],
  [OrderState.SHIPPED]: [deliver, refund],
  [OrderState.DELIVERED]: [refund],
  [OrderState.REFUNDING]: [retryRefund],
};

/** The actions of an admin on an order, the usual next one first. The state machine is in docs/orders.md. */
export function adminOrderActions({ state }: Order): readonly OrderActionSpec[] {
  return adminActionsByState[state] ?? [];
}

/** The actions of the buyer on an order. */
export function buyerOrderActions({ state }: Order): readonly OrderActionSpec[] {
  return state === OrderState.PENDING_PAYMENT ? [cancel] : [];
}
