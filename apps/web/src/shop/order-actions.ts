import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { shop } from "../lib/clients.ts";

/** A step that somebody can let an order take. */
export type OrderStep = {
  /** What the button says. */
  readonly name: string;
  /** What it means, before it is taken. */
  readonly what: string;
  /** What the note is for. */
  readonly note: string;
  readonly done: string;
  readonly isGrave?: boolean;
  run(step: { id: string; note: string }): Promise<Order>;
};

const confirmPayment: OrderStep = {
  name: "Confirm payment",
  what: "The money is there. The buyer sees that the order is paid.",
  note: "How it was paid",
  done: "The order is paid.",
  run: (step) => shop.confirmPayment(step),
};

const ship: OrderStep = {
  name: "Ship",
  what: "The goods are on their way, or ready to be picked up.",
  note: "Say, a number to track it by",
  done: "The order is on its way.",
  run: (step) => shop.shipOrder(step),
};

const deliver: OrderStep = {
  name: "Mark as delivered",
  what: "The buyer has the goods.",
  note: "Anything to remember",
  done: "The order is delivered.",
  run: (step) => shop.deliverOrder(step),
};

const cancel: OrderStep = {
  name: "Cancel order",
  what: "The goods that are kept for this order go back on sale. This cannot be undone.",
  note: "Why",
  done: "The order is cancelled.",
  isGrave: true,
  run: (step) => shop.cancelOrder(step),
};

const refund: OrderStep = {
  name: "Refund",
  what: "The buyer has the money back. Goods that were not shipped go back on sale. This cannot be undone.",
  note: "Why",
  done: "The order is refunded.",
  isGrave: true,
  run: (step) => shop.refundOrder(step),
};

const adminSteps: Partial<Record<OrderState, readonly OrderStep[]>> = {
  [OrderState.PENDING_PAYMENT]: [confirmPayment, cancel],
  [OrderState.PAID]: [ship, refund],
  [OrderState.SHIPPED]: [deliver, refund],
  [OrderState.DELIVERED]: [refund],
};

/** What an admin can do with an order, the usual way on first. The table of steps is in docs/orders.md. */
export function stepsOfAdmin({ state }: Order): readonly OrderStep[] {
  return adminSteps[state] ?? [];
}

/** What its buyer can do with an order. */
export function stepsOfBuyer({ state }: Order): readonly OrderStep[] {
  return state === OrderState.PENDING_PAYMENT ? [cancel] : [];
}
