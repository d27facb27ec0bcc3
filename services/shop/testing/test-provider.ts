import type {
  PaymentProvider,
  PaymentRequest,
  PaymentResult,
  RefundRequest,
} from "../domain/payment-provider.ts";

/** What the provider does in one call, instead of answering at once. */
type Behavior = (answer: () => PaymentResult) => Promise<PaymentResult>;

/** A provider with a ledger that, like a real one, moves money once per key and answers the same ever after. */
export class TestProvider implements PaymentProvider {
  readonly name = "test";
  readonly timeoutMs = 200;
  readonly movesMoney: boolean;
  /** What the next calls do, in turn; the calls after them answer at once. */
  readonly behaviors: Behavior[] = [];
  /** The reason of all new keys to be declined, if any. */
  declineReason = "";
  /** The number of calls, by key. */
  readonly calls = new Map<string, number>();
  readonly #results = new Map<string, PaymentResult>();
  readonly #ledger: { readonly orderId: string; readonly amount: bigint }[] = [];

  constructor(movesMoney = true) {
    this.movesMoney = movesMoney;
  }

  readonly instructions = () => "Pay here.";

  readonly confirm = (request: PaymentRequest) => this.#call(request, request.totalMinor);

  readonly refund = (request: RefundRequest) => {
    if (this.#results.get(request.confirmKey)?.outcome !== "done") {
      throw new Error(`refund of a payment that was not made: ${request.confirmKey}`);
    }
    return this.#call(request, -request.totalMinor);
  };

  /** The money of an order that the provider holds. */
  balanceOf(orderId: string): bigint {
    const entries = this.#ledger.filter((entry) => entry.orderId === orderId);
    return entries.reduce((sum, { amount }) => sum + amount, 0n);
  }

  async #call({ id: orderId, idempotencyKey: key }: PaymentRequest, amount: bigint) {
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
    const answer = (): PaymentResult => {
      const known = this.#results.get(key);
      if (known) return known;
      const reason = this.declineReason;
      const result: PaymentResult = reason ? { outcome: "declined", reason } : { outcome: "done" };
      this.#results.set(key, result);
      if (!reason) this.#ledger.push({ orderId, amount });
      return result;
    };
    const behavior = this.behaviors.shift();
    return behavior ? behavior(answer) : answer();
  }
}

/** Takes the request and never answers. */
export const hang: Behavior = () => new Promise(() => {});

/** Moves the money, and its answer is lost. */
export const loseAnswer: Behavior = async (answer) => {
  answer();
  throw new Error("connection lost");
};

/** Fails before it moves money. */
export const fail: Behavior = async () => {
  throw new Error("out of order");
};
