import { Fault } from "@plaza/kit/errors/fault";

export type OrderState =
  | "pending_payment"
  | "paid"
  | "shipped"
  | "delivered"
  | "cancelled"
  | "refunded";

/** Who may apply a transition. */
export type Actor = "buyer" | "admin" | "shop";

/** What is done to an order, named for the method; `Expire` is done by a job. */
export type OrderAction =
  | "CheckOut"
  | "ConfirmPayment"
  | "CancelOrder"
  | "Expire"
  | "ShipOrder"
  | "DeliverOrder"
  | "RefundOrder";

export type OrderTransition = {
  /** Undefined before check-out. */
  readonly from: OrderState | undefined;
  readonly action: OrderAction;
  readonly by: readonly Actor[];
  readonly to: OrderState;
  /** Effect on stock. */
  readonly stockEffect: "reserve" | "none" | "release";
};

/**
 * All transitions of an order; docs/orders.md is generated from them. On every path, no state is reached
 * twice and stock is released at most once.
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
  // Returned goods are inspected first and come back by RestockProduct.
  { from: "shipped", action: "RefundOrder", by: ["admin"], to: "refunded", stockEffect: "none" },
  { from: "delivered", action: "RefundOrder", by: ["admin"], to: "refunded", stockEffect: "none" },
];

/** The transition of an order in this state. Throws WRONG_ORDER_STATE when there is none. */
export function findTransition(from: OrderState, action: OrderAction): OrderTransition {
  return (
    orderTransitions.find((one) => one.from === from && one.action === action) ??
    wrongState(from, action)
  );
}

/** Whether an order with these past states has been in the state that the action leads to. */
export function hasApplied(action: OrderAction, pastStates: readonly OrderState[]): boolean {
  return orderTransitions.some((one) => one.action === action && pastStates.includes(one.to));
}

function wrongState(state: OrderState, action: OrderAction): never {
  throw new Fault("precondition", "WRONG_ORDER_STATE", `${action} is not for orders in ${state}`, {
    metadata: { state: state.toUpperCase() },
  });
}
