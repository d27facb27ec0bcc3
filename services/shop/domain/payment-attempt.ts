import type { PaymentRequest, PaymentResult, RefundRequest } from "./payment-provider.ts";

export type PaymentKind = "confirm" | "refund";

/** An attempt to confirm or refund a payment: one idempotency key, any number of calls, one result. */
export type PaymentAttempt = {
  readonly orderId: string;
  readonly kind: PaymentKind;
  /** Counts the attempts of this kind for the order, from 1. */
  readonly number: number;
  /** The number of calls so far. */
  readonly callCount: number;
  /** Null while there is no result. */
  readonly outcome: PaymentResult["outcome"] | null;
  /** Why there is no result, or the reason of the decline. */
  readonly problem: string;
  /** Whether a call is under way. */
  readonly isCalling: boolean;
  /** When the job calls next; while a call is under way, when it counts as lost. Null while it waits for an admin. */
  readonly nextCallTime: Date | null;
};

/** An attempt with all that a call needs. */
export type PaymentCall = PaymentAttempt & {
  readonly totalMinor: bigint;
  readonly currency: string;
  readonly paymentMethod: string;
  /** The attempt that confirmed the payment; null for none. */
  readonly confirmNumber: number | null;
};

const firstRetryDelayMs = 5_000;
const maxRetryDelayMs = 60 * 60 * 1_000;
/** A call that has not ended by this time after its deadline is lost: its process has died. */
const leaseMarginMs = 5_000;

/** When a call that begins now counts as lost. */
export function leaseTime(timeoutMs: number, now: Date): Date {
  return new Date(now.getTime() + timeoutMs + leaseMarginMs);
}

export function isCallUnderWay({ isCalling, nextCallTime }: PaymentAttempt, now: Date): boolean {
  return isCalling && nextCallTime !== null && nextCallTime > now;
}

/** The time of the next call after one without a result: 5 s later, then twice as long each time, up to an hour. */
export function retryTime({ callCount }: PaymentAttempt, now: Date): Date {
  const delayMs = firstRetryDelayMs * 2 ** Math.min(callCount - 1, 30);
  return new Date(now.getTime() + Math.min(delayMs, maxRetryDelayMs));
}

export function toRequest(call: PaymentCall): PaymentRequest & RefundRequest {
  const { orderId: id, kind, number, totalMinor, currency, confirmNumber } = call;
  return {
    id,
    totalMinor,
    currency,
    idempotencyKey: keyOf(id, kind, number),
    confirmKey: confirmNumber === null ? "" : keyOf(id, "confirm", confirmNumber),
  };
}

function keyOf(orderId: string, kind: PaymentKind, number: number): string {
  return `${orderId}.${kind}.${number}`;
}
