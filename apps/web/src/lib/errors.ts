import { Code } from "@connectrpc/connect";
import { CallError, type Refusal } from "./call-error.ts";

/** The code of a failed call; that of any other error is UNKNOWN. */
export function codeOf(error: unknown): Code {
  return error instanceof CallError ? error.code : Code.Unknown;
}

/**
 * Whether it is unknown if the server ran the request: no answer, or a timeout. Only an idempotent one may be
 * retried.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return outcomeUnknownCodes.has(codeOf(error));
}

const outcomeUnknownCodes = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Unknown]);

/** What the server says of a call that it refused, such as TOO_MANY_UNPAID_ORDERS and the limit. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof CallError ? error.refusal : {};
}

/** The reason in the error details, such as EMAIL_TAKEN. */
export function reasonOf(error: unknown): string | undefined {
  return refusalOf(error).reason;
}
