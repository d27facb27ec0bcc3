import { Fault } from "@plaza/kit/errors/fault";

export type OrderState =
  | "pending_payment"
  | "confirming"
  | "paid"
  | "shipped"
  | "delivered"
  | "cancelled"
  | "refunding"
  | "refunded";

/** The kind of payment attempt that an order in this state waits for. */
export const awaitedPaymentKinds: Readonly<Partial<Record<OrderState, "confirm" | "refund">>> = {
  confirming: "confirm",
  refunding: "refund",
};

/** The states in which neither goods nor money are owed. */
export const closedStates: readonly OrderState[] = ["delivered", "cancelled", "refunded"];

/** Who may apply a transition. */
export type Actor = "buyer" | "admin" | "shop";

/**
 * What is done to an order, named for the method. The shop itself does `Expire`, and records the results of the
 * payment provider.
 */
export type OrderAction =
  | "CheckOut"
  | "ConfirmPayment"
  | "RecordPayment"
  | "RecordDecline"
  | "CancelOrder"
  | "Expire"
  | "ShipOrder"
  | "DeliverOrder"
  | "RefundOrder"
  | "RecordRefund";

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
 * All transitions of an order; docs/orders.md is generated from them. On every path stock is released at most
 * once, and no state is reached twice but those before a declined payment.
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
    to: "confirming",
    stockEffect: "none",
  },
  {
    from: "confirming",
    action: "RecordPayment",
    by: ["shop"],
    to: "paid",
    stockEffect: "none",
  },
  {
    from: "confirming",
    action: "RecordDecline",
    by: ["shop"],
    to: "pending_payment",
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
  // Gives up a payment that the provider does not answer.
  {
    from: "confirming",
    action: "CancelOrder",
    by: ["admin"],
    to: "cancelled",
    stockEffect: "release",
  },
  // The answer comes after that: the money is there, and has to go back.
  {
    from: "cancelled",
    action: "RecordPayment",
    by: ["shop"],
    to: "refunding",
    stockEffect: "none",
  },
  { from: "paid", action: "ShipOrder", by: ["admin"], to: "shipped", stockEffect: "none" },
  { from: "paid", action: "RefundOrder", by: ["admin"], to: "refunding", stockEffect: "release" },
  { from: "shipped", action: "DeliverOrder", by: ["admin"], to: "delivered", stockEffect: "none" },
  // Returned goods are inspected first and come back by RestockProduct.
  { from: "shipped", action: "RefundOrder", by: ["admin"], to: "refunding", stockEffect: "none" },
  { from: "delivered", action: "RefundOrder", by: ["admin"], to: "refunding", stockEffect: "none" },
  { from: "refunding", action: "RecordRefund", by: ["shop"], to: "refunded", stockEffect: "none" },
];

/** The transition of an order in this state by this actor. Throws WRONG_ORDER_STATE when there is none. */
export function findTransition(from: OrderState, action: OrderAction, by: Actor): OrderTransition {
  return (
    orderTransitions.find(
      (one) => one.from === from && one.action === action && one.by.includes(by),
    ) ?? wrongState(from, action)
  );
}

/** Whether an order with these past states has had the action already, since a payment was last declined. */
export function hasApplied(action: OrderAction, pastStates: readonly OrderState[]): boolean {
  const states = pastStates.slice(pastStates.lastIndexOf("pending_payment") + 1);
  return orderTransitions.some(
    ({ action: applied, to }) =>
      applied === action && states.some((state) => state === to || state === resultStates[to]),
  );
}

/** The states that follow those of awaitedPaymentKinds; earlier orders have them without. */
const resultStates: Readonly<Partial<Record<OrderState, OrderState>>> = {
  confirming: "paid",
  refunding: "refunded",
};

export function wrongState(state: OrderState, action: OrderAction): never {
  throw new Fault(
    "precondition",
    "WRONG_ORDER_STATE",
    `an order in state ${state.toUpperCase()} does not allow ${action}`,
    {
      metadata: { state: state.toUpperCase() },
    },
  );
}
