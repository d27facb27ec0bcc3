import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { isUnavailable } from "./db-errors.ts";
import { Fault, type FaultKind } from "./fault.ts";

const codes: Record<FaultKind, Code> = {
  invalid: Code.InvalidArgument,
  unauthenticated: Code.Unauthenticated,
  forbidden: Code.PermissionDenied,
  not_found: Code.NotFound,
  conflict: Code.AlreadyExists,
  precondition: Code.FailedPrecondition,
  exhausted: Code.ResourceExhausted,
  aborted: Code.Aborted,
  unavailable: Code.Unavailable,
  timeout: Code.DeadlineExceeded,
  unimplemented: Code.Unimplemented,
};

/**
 * The one translation of what a handler throws into what its caller sees.
 *
 * - A Fault becomes its status with ErrorInfo (reason, domain, facts), BadRequest and RetryInfo.
 * - A ConnectError that came from a neighbour passes when it says that the caller is cut off or that
 *   the neighbour is out of reach; any other refusal by a neighbour is a bug of the handler, which
 *   should have turned it into a Fault of its own.
 * - A database that cannot be reached is UNAVAILABLE.
 * - Anything else is INTERNAL without its text; the caller of this function logs it whole.
 */
export function translate(error: unknown, domain: string): ConnectError {
  if (error instanceof Fault) return fromFault(error, domain);
  if (error instanceof ConnectError && passes.has(error.code)) return withoutCause(error);
  if (isUnavailable(error)) {
    const details = { retryAfterMs: 1_000, cause: error };
    return fromFault(
      new Fault("unavailable", "DATABASE_UNAVAILABLE", "the database cannot be reached", details),
      domain,
    );
  }
  return new ConnectError("internal error", Code.Internal);
}

/** Whether the error is a bug, to be logged whole: neither a refusal nor an outage. */
export function isBug(translated: ConnectError): boolean {
  return translated.code === Code.Internal || translated.code === Code.Unknown;
}

/** The stable reason inside a translated error, of this process or another; undefined without one. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof Fault) return error.reason;
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

const passes = new Set([
  Code.Canceled,
  Code.DeadlineExceeded,
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Unauthenticated,
]);

function fromFault(fault: Fault, domain: string): ConnectError {
  const { facts = {}, violations = [], retryAfterMs } = fault.details;
  const error = new ConnectError(fault.message, codes[fault.kind]);
  const info = create(ErrorInfoSchema, { reason: fault.reason, domain, metadata: { ...facts } });
  error.details.push({ desc: ErrorInfoSchema, value: info });
  if (violations.length > 0) {
    const value = create(BadRequestSchema, { fieldViolations: violations.map((v) => ({ ...v })) });
    error.details.push({ desc: BadRequestSchema, value });
  }
  if (retryAfterMs !== undefined) {
    const value = create(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) });
    error.details.push({ desc: RetryInfoSchema, value });
  }
  return error;
}

function withoutCause(error: ConnectError): ConnectError {
  const copy = new ConnectError(error.rawMessage, error.code);
  copy.details = error.details;
  return copy;
}
