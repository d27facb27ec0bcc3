/** The part of an order that payment needs. */
export type Payable = {
  readonly id: string;
  readonly totalMinor: bigint;
  readonly currency: string;
};

/** A call of a provider. */
export type PaymentRequest = Payable & {
  /** The same in all calls of one attempt, which may be many: the provider acts upon the first. */
  readonly idempotencyKey: string;
};

export type RefundRequest = PaymentRequest & {
  /** The idempotency key under which the payment was confirmed; empty for orders from before attempts. */
  readonly confirmKey: string;
};

/** The final result of an attempt; the provider gives the same one in every call with its key. */
export type PaymentResult =
  | { readonly outcome: "done" }
  /** It has moved no money and will not. `reason` is shown to the buyer of a payment. */
  | { readonly outcome: "declined"; readonly reason: string };

/**
 * A way to pay. `confirm` and `refund` run outside any transaction, between one that records the attempt and one
 * that records its result. A call that rejects, or has no result within `timeoutMs`, says nothing: the shop calls
 * again with the same key, until there is a result.
 */
export type PaymentProvider = {
  /** The payment method of the orders that it serves. */
  readonly name: string;
  readonly timeoutMs: number;
  /** Whether it returns money by itself. Otherwise an admin does, and the shop starts no refund without one. */
  readonly movesMoney: boolean;
  /** Tells the buyer how to pay. */
  instructions(order: Payable): string;
  /** Takes the money, or confirms that it is there. */
  confirm(request: PaymentRequest, signal: AbortSignal): Promise<PaymentResult>;
  /** Returns the money. */
  refund(request: RefundRequest, signal: AbortSignal): Promise<PaymentResult>;
};

/** Payment outside Plaza, which an admin confirms and refunds. */
export const offlineProvider: PaymentProvider = {
  name: "offline",
  timeoutMs: 1_000,
  movesMoney: false,
  instructions: ({ id }) =>
    `Pay on pick-up, or by bank transfer with the reference ${referenceOf(id)}.`,
  confirm: async () => ({ outcome: "done" }),
  refund: async () => ({ outcome: "done" }),
};

/** The end of a UUIDv7 is random; its beginning is a time. */
function referenceOf(id: string): string {
  return id.slice(-8).toUpperCase();
}
