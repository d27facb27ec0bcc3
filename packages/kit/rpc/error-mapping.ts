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
 * Maps anything that a handler throws to the ConnectError that its caller gets.
 *
 * - A Fault becomes its status with ErrorInfo (reason, domain, metadata), BadRequest and RetryInfo.
 * - An error of an upstream service passes through when it is UNAVAILABLE, RESOURCE_EXHAUSTED,
 *   DEADLINE_EXCEEDED or UNAUTHENTICATED; any other is INTERNAL: the handler should have turned it into a Fault.
 * - An unreachable upstream service or database is UNAVAILABLE.
 * - A cancelled call is CANCELED or DEADLINE_EXCEEDED.
 * - A deadlock or serialization failure is ABORTED: the transaction was rolled back.
 * - Any other error is INTERNAL without its text; log the original.
 */
export function toConnectError(error: unknown, domain: string): ConnectError {
  if (error instanceof Fault) return fromFault(error, domain);
  if (error instanceof ConnectError) return fromUpstreamError(error, domain);
  if (isAbortError(error)) {
    const { cause } = error;
    return cause instanceof ConnectError ? fromUpstreamError(cause, domain) : canceledError();
  }
  if (isUnavailable(error)) {
    return toUnavailable(
      "DATABASE_UNAVAILABLE",
      "the database is unavailable; try again shortly",
      domain,
    );
  }
  if (isSerializationFailure(error)) {
    const message = "another request changed the same data at the same time; try again";
    return fromFault(
      new Fault("aborted", "CONCURRENT_CHANGE", message, { retryAfterMs: 0 }),
      domain,
    );
  }
  return internalError();
}

/** Whether a mapped error is INTERNAL: a bug, whose original must be logged. */
export function isInternal(error: ConnectError): boolean {
  return error.code === Code.Internal;
}

const statusNames = new Map(
  Object.entries(Code).map(([name, code]) => [
    code,
    name.replaceAll(/\B[A-Z]/g, "_$&").toLowerCase(),
  ]),
);

/** The name of a status code in logs, metrics and spans, like `not_found`. */
export function statusName(code: Code): string {
  return statusNames.get(code) ?? "unknown";
}

/** The reason of a Fault, or of a ConnectError with ErrorInfo; undefined for other errors. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof Fault) return error.reason;
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

/** The domain of a service's reasons in ErrorInfo: `plaza.posts.v1.PostService` → `posts.plaza`. */
export function errorDomainOf({ file }: DescService): string {
  return file.proto.package.split(".").slice(0, 2).reverse().join(".");
}

const passThroughCodes = new Set([
  Code.DeadlineExceeded,
  Code.Unavailable,
  Code.ResourceExhausted,
  Code.Unauthenticated,
]);

function fromUpstreamError(error: ConnectError, domain: string): ConnectError {
  if (error.code === Code.Canceled) return canceledError();
  const reason = reasonOf(error);
  // That the upstream service rejected our service token is our fault, not our caller's.
  if (reason === "INVALID_SERVICE_TOKEN") return internalError();
  if (reason) return passThroughCodes.has(error.code) ? copyError(error) : internalError();
  // Without a reason it is an error of the transport, and its text names addresses. There, a connection that
  // is lost during a call is ABORTED.
  if (error.code === Code.Unavailable || error.code === Code.Aborted) {
    return toUnavailable(
      "NEIGHBOUR_UNAVAILABLE",
      "a required service is unavailable; try again shortly",
      domain,
    );
  }
  if (error.code !== Code.DeadlineExceeded) return internalError();
  return fromFault(new Fault("timeout", "DEADLINE_EXCEEDED", "deadline exceeded"), domain);
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

// The error of Node's own functions when their signal aborts.
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

// Drops metadata and cause: they must not leave this process.
function copyError(error: ConnectError): ConnectError {
  const copy = new ConnectError(error.rawMessage, error.code);
  copy.details = error.details;
  return copy;
}
