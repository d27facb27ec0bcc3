import { Fault } from "@plaza/kit/errors/fault";

export type OrderState =
  | "pending_payment"
  | "paid"
  | "shipped"
  | "delivered"
  | "cancelled"
  | "refunded";

/** Who takes a step. */
export type Actor = "buyer" | "admin" | "shop";

/** What happens to an order, by the method that does it; it expires by itself. */
export type OrderAction =
  | "CheckOut"
  | "ConfirmPayment"
  | "CancelOrder"
  | "Expire"
  | "ShipOrder"
  | "DeliverOrder"
  | "RefundOrder";

export type OrderTransition = {
  /** Undefined for an order that is not there yet. */
  readonly from: OrderState | undefined;
  readonly action: OrderAction;
  readonly by: readonly Actor[];
  readonly to: OrderState;
  /** What becomes of the goods in stock. */
  readonly stockEffect: "reserve" | "none" | "release";
};

/**
 * All that can happen to an order; docs/orders.md is made from it. No state is reached twice, and goods
 * are freed at most once on any way.
 */
export const orderTransitions: readonly OrderTransition[] = [
  {
    from: undefined,
    action: "CheckOut",
    by: ["buyer"],
    to: "pending_payment",
    stockEffect: "reserve",
  },
  {
    from: "pending_payment",
    action: "ConfirmPayment",
    by: ["admin"],
    to: "paid",
    stockEffect: "none",
  },
  {
    from: "pending_payment",
    action: "CancelOrder",
    by: ["buyer", "admin"],
    to: "cancelled",
    stockEffect: "release",
  },
  {
    from: "pending_payment",
    action: "Expire",
    by: ["shop"],
    to: "cancelled",
    stockEffect: "release",
  },
  { from: "paid", action: "ShipOrder", by: ["admin"], to: "shipped", stockEffect: "none" },
  { from: "paid", action: "RefundOrder", by: ["admin"], to: "refunded", stockEffect: "release" },
  { from: "shipped", action: "DeliverOrder", by: ["admin"], to: "delivered", stockEffect: "none" },
  // What was sent comes back, if it does, as a delivery that somebody looks at.
  { from: "shipped", action: "RefundOrder", by: ["admin"], to: "refunded", stockEffect: "none" },
  { from: "delivered", action: "RefundOrder", by: ["admin"], to: "refunded", stockEffect: "none" },
];

/** What the action does to an order in this state. Throws WRONG_ORDER_STATE when it does nothing. */
export function findTransition(from: OrderState, action: OrderAction): OrderTransition {
  return (
    orderTransitions.find((one) => one.from === from && one.action === action) ??
    wrongState(from, action)
  );
}

/** Whether the action has led an order, by the states it has been in, where it leads. */
export function hasApplied(action: OrderAction, been: readonly OrderState[]): boolean {
  return orderTransitions.some((one) => one.action === action && been.includes(one.to));
}

function wrongState(state: OrderState, action: OrderAction): never {
  throw new Fault("precondition", "WRONG_ORDER_STATE", `${action} is not for orders in ${state}`, {
    metadata: { state: state.toUpperCase() },
  });
}
