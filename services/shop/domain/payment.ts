/** The part of an order that payment needs. */
export type Payable = {
  readonly id: string;
  readonly totalMinor: bigint;
  readonly currency: string;
};

/**
 * A way to pay. `confirm` and `refund` run outside any transaction and may run again for the same order,
 * after a crash: they must take effect once.
 */
export type PaymentMethod = {
  readonly name: string;
  /** Tells the buyer how to pay. */
  instructions(order: Payable): string;
  /** Confirms that the order is paid. Throws a Fault when it is not. */
  confirm(order: Payable): Promise<void>;
  /** Returns the money. */
  refund(order: Payable): Promise<void>;
};

/** Payment outside Plaza, confirmed by an admin. */
export const offlinePayment: PaymentMethod = {
  name: "offline",
  instructions: ({ id }) => `Pay on pick-up, or by transfer with the reference ${referenceOf(id)}.`,
  confirm: async () => {},
  refund: async () => {},
};

/** The end of a UUIDv7 is random; its beginning is a time. */
function referenceOf(id: string): string {
  return id.slice(-8).toUpperCase();
}
