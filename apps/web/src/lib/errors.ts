import { Code, ConnectError } from "@connectrpc/connect";
import { type ErrorInfo, ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";

export function codeOf(error: unknown): Code {
  return ConnectError.from(error).code;
}

/**
 * Whether it is unknown if the server ran the request: no answer, or a timeout. Only an idempotent one may be
 * retried.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return outcomeUnknownCodes.has(codeOf(error));
}

const outcomeUnknownCodes = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Unknown]);

/** The reason with its facts, such as TOO_MANY_UNPAID_ORDERS and the limit. */
export function errorInfoOf(error: unknown): ErrorInfo | undefined {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0];
}

/** The reason in the error details, such as EMAIL_TAKEN. */
export function reasonOf(error: unknown): string | undefined {
  return errorInfoOf(error)?.reason;
}
