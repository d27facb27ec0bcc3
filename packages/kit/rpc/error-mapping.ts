import { create, type DescService } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { isSerializationFailure, isUnavailable } from "../db/errors.ts";
import { Fault, type FaultKind } from "../errors/fault.ts";

const codesByKind: Record<FaultKind, Code> = {
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
 * - A refusal by a neighbour passes when it says that somebody is out of reach, overloaded or out of
 *   time, or that the account is not signed in; any other is a bug of the handler, which should have
 *   turned it into a Fault of its own.
 * - A neighbour that cannot be reached is UNAVAILABLE, and so is a database.
 * - A call that was given up is CANCELED or DEADLINE_EXCEEDED.
 * - A transaction that PostgreSQL gave up in favour of another is ABORTED: nothing of it happened.
 * - Anything else is INTERNAL without its text; the caller of this function logs it whole.
 */
export function toConnectError(error: unknown, domain: string): ConnectError {
  if (error instanceof Fault) return fromFault(error, domain);
  if (error instanceof ConnectError) return fromUpstreamError(error, domain);
  if (isAbortError(error)) {
    const { cause } = error;
    return cause instanceof ConnectError ? fromUpstreamError(cause, domain) : canceledError();
  }
  if (isUnavailable(error)) {
    return toUnavailable("DATABASE_UNAVAILABLE", "the database cannot be reached", domain);
  }
  if (isSerializationFailure(error)) {
    const message = "somebody changed the same at the same time; try again";
    return fromFault(
      new Fault("aborted", "CONCURRENT_CHANGE", message, { retryAfterMs: 0 }),
      domain,
    );
  }
  return internalError();
}

/** Whether the error is a bug, to be logged whole: neither a refusal nor an outage. */
export function isInternal(translated: ConnectError): boolean {
  return translated.code === Code.Internal;
}

const statusNames = new Map(
  Object.entries(Code).map(([name, code]) => [
    code,
    name.replaceAll(/\B[A-Z]/g, "_$&").toLowerCase(),
  ]),
);

/** The name of a status code in logs, metrics and spans: `not_found`. */
export function statusName(code: Code): string {
  return statusNames.get(code) ?? "unknown";
}

/** The stable reason inside a translated error, of this process or another; undefined without one. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof Fault) return error.reason;
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

/** The domain of a service's reasons in ErrorInfo: `plaza.posts.v1.PostService` → `posts.plaza`. */
export function errorDomainOf({ file }: DescService): string {
  return file.proto.package.split(".").slice(0, 2).reverse().join(".");
}

const passedCodes = new Set([
  Code.DeadlineExceeded,
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Unauthenticated,
]);

function fromUpstreamError(error: ConnectError, domain: string): ConnectError {
  if (error.code === Code.Canceled) return canceledError();
  const reason = reasonOf(error);
  // That it does not know us is no concern of our caller's, whose own credential is good.
  if (reason === "INVALID_SERVICE_TOKEN") return internalError();
  if (reason) return passedCodes.has(error.code) ? copyError(error) : internalError();
  // Without a reason no service spoke: it is the transport's error, and its text names addresses.
  // A connection that breaks during a call is ABORTED there.
  if (error.code === Code.Unavailable || error.code === Code.Aborted) {
    return toUnavailable("NEIGHBOUR_UNAVAILABLE", "a service cannot be reached", domain);
  }
  if (error.code !== Code.DeadlineExceeded) return internalError();
  return fromFault(new Fault("timeout", "DEADLINE_EXCEEDED", "the deadline passed"), domain);
}

function toUnavailable(reason: string, message: string, domain: string): ConnectError {
  return fromFault(new Fault("unavailable", reason, message, { retryAfterMs: 1_000 }), domain);
}

function internalError(): ConnectError {
  return new ConnectError("internal error", Code.Internal);
}

function canceledError(): ConnectError {
  return new ConnectError("the call was cancelled", Code.Canceled);
}

// What Node's own functions reject with when the signal that they were given aborts.
function isAbortError(error: unknown): error is Error {
  return error instanceof Error && error.name === "AbortError";
}

function fromFault(fault: Fault, domain: string): ConnectError {
  const { metadata = {}, violations = [], retryAfterMs } = fault.details;
  const error = new ConnectError(fault.message, codesByKind[fault.kind]);
  const info = create(ErrorInfoSchema, { reason: fault.reason, domain, metadata: { ...metadata } });
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

// Neither metadata nor cause goes on: they are between the neighbour and us.
function copyError(error: ConnectError): ConnectError {
  const copy = new ConnectError(error.rawMessage, error.code);
  copy.details = error.details;
  return copy;
}
