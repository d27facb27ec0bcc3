import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";

export function codeOf(error: unknown): Code {
  return ConnectError.from(error).code;
}

/** Whether it is unknown if the request was heard. To ask again helps then; a refusal stays a refusal. */
export function isOutcomeUnknown(error: unknown): boolean {
  return outcomeUnknownCodes.has(codeOf(error));
}

const outcomeUnknownCodes = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Unknown]);

export function reasonOf(error: unknown): string | undefined {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason;
}
