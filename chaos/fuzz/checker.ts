import { Code } from "@connectrpc/connect";
import { serviceNames } from "../../apps/cli/services.ts";
import type { FuzzRequest } from "./requests.ts";
import type { FuzzResponse } from "./sender.ts";

/** Internals that must not appear in errors: paths, stacks, SQL, drivers, tables. */
const internalsPattern = new RegExp(
  String.raw`node_modules|file:\/\/|\.ts:\d|\n +at |PostgresError|syntax error at|relation "|violates|ECONN|password_hash` +
    `|plaza_(${serviceNames().join("|")})`,
);

/** The codes by which a server admits a bug. */
export const internalErrorCodes: ReadonlySet<Code | "ok" | undefined> = new Set([
  Code.Unknown,
  Code.Internal,
  Code.DataLoss,
  Code.Unavailable,
]);

/** What is wrong with a response: an internal error or a leak of internals; undefined when nothing is. */
export function findFailure(
  { isStream }: FuzzRequest,
  { httpStatus, code, text }: FuzzResponse,
): string | undefined {
  // A stream ends at the deadline that it was given: with a record, or before it began.
  if (isStream && (code === Code.DeadlineExceeded || httpStatus === 504)) return undefined;
  if (httpStatus >= 500 || httpStatus === 0) return `HTTP ${httpStatus} ${text.slice(0, 300)}`;
  if (code === Code.DeadlineExceeded || (code !== undefined && internalErrorCodes.has(code)))
    return `${Code[code]} ${text.slice(0, 300)}`;
  const isRefusal = httpStatus >= 400 || code !== undefined;
  return isRefusal && internalsPattern.test(text) ? `a leak: ${text.slice(0, 300)}` : undefined;
}
