import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { shop } from "../lib/clients.ts";

/** A step that somebody can let an order take. */
export type OrderActionSpec = {
  /** What the button says. */
  readonly label: string;
  /** What it means, before it is taken. */
  readonly explanation: string;
  /** What the note is for. */
  readonly noteHint: string;
  readonly successMessage: string;
  readonly isDestructive?: boolean;
  run(step: { id: string; note: string }): Promise<Order>;
};

const confirmPayment: OrderActionSpec = {
  label: "Confirm payment",
  explanation: "The money is there. The buyer sees that the order is paid.",
  noteHint: "How it was paid",
  successMessage: "The order is paid.",
  run: (step) => shop.confirmPayment(step),
};

const ship: OrderActionSpec = {
  label: "Ship",
  explanation: "The goods are on their way, or ready to be picked up.",
  noteHint: "Say, a number to track it by",
  successMessage: "The order is on its way.",
  run: (step) => shop.shipOrder(step),
};

const deliver: OrderActionSpec = {
  label: "Mark as delivered",
  explanation: "The buyer has the goods.",
  noteHint: "Anything to remember",
  successMessage: "The order is delivered.",
  run: (step) => shop.deliverOrder(step),
};

const cancel: OrderActionSpec = {
  label: "Cancel order",
  explanation: "The goods that are kept for this order go back on sale. This cannot be undone.",
  noteHint: "Why",
  successMessage: "The order is cancelled.",
  isDestructive: true,
  run: (step) => shop.cancelOrder(step),
};

const refund: OrderActionSpec = {
  label: "Refund",
  explanation:
    "The buyer has the money back. Goods that were not shipped go back on sale. This cannot be undone.",
  noteHint: "Why",
  successMessage: "The order is refunded.",
  isDestructive: true,
  run: (step) => shop.refundOrder(step),
};

const adminActionsByState: Partial<Record<OrderState, readonly OrderActionSpec[]>> = {
  [OrderState.PENDING_PAYMENT]: [confirmPayment, cancel],
  [OrderState.PAID]: [ship, refund],
  [OrderState.SHIPPED]: [deliver, refund],
  [OrderState.DELIVERED]: [refund],
};

/** What an admin can do with an order, the usual way on first. The table of steps is in docs/orders.md. */
export function adminOrderActions({ state }: Order): readonly OrderActionSpec[] {
  return adminActionsByState[state] ?? [];
}

/** What its buyer can do with an order. */
export function buyerOrderActions({ state }: Order): readonly OrderActionSpec[] {
  return state === OrderState.PENDING_PAYMENT ? [cancel] : [];
}
