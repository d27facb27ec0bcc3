/** As much of an order as paying it takes. */
export type Payable = {
  readonly id: string;
  readonly totalMinor: bigint;
  readonly currency: string;
};

/**
 * A way to pay. What a method does elsewhere it does outside any transaction and once for each order,
 * however often it is asked: an order that dies on the way is asked about again.
 */
export type PaymentMethod = {
  readonly name: string;
  /** What the buyer has to do, for people. */
  instructions(order: Payable): string;
  /** Takes the money that an admin says is there. Throws a Fault when it is not. */
  confirm(order: Payable): Promise<void>;
  /** Gives the money back. */
  refund(order: Payable): Promise<void>;
};

/** Money that changes hands outside Plaza: an admin's word counts. */
export const offlinePayment: PaymentMethod = {
  name: "offline",
  instructions: ({ id }) => `Pay on pick-up, or by transfer with the reference ${referenceOf(id)}.`,
  confirm: async () => {},
  refund: async () => {},
};

/** The end of the id is random, its beginning only says when the order was placed. */
function referenceOf(id: string): string {
  return id.slice(-8).toUpperCase();
}
