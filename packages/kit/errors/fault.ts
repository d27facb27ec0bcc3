/** The kinds of faults; each maps to one gRPC status code. */
export type FaultKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "precondition"
  | "exhausted"
  | "aborted"
  | "unavailable"
  | "timeout"
  | "unimplemented";

/** A rule that one field of the request breaks. */
export type Violation = {
  /** Path in the request message, in proto names: `user.phone`. */
  readonly field: string;
  /** For people; continues the name of the field: `must not be blank`. */
  readonly description: string;
  /** For programs, UPPER_SNAKE_CASE. */
  readonly reason: string;
};

/** Optional parts of a fault. */
export type FaultDetails = {
  /** Machine-readable values; they are sent to the caller, hence nothing personal. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The invalid fields of the request. */
  readonly violations?: readonly Violation[];
  /** How long the caller should wait before a retry, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The error behind it; logged, never sent. */
  readonly cause?: unknown;
};

/**
 * The only error that Plaza's code throws on purpose. `reason` is stable and part of the contract of the
 * RPC; `message` is for people: what is wrong and, after a semicolon, what to do, in lower case and without a full
 * stop. Any other error is a bug or an outage.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: FaultKind;
  readonly reason: string;
  readonly details: FaultDetails;

  constructor(kind: FaultKind, reason: string, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.reason = reason;
    this.details = details;
  }
}

/** Creates a fault about what does not exist; its metadata say `deleted: "true"` when it did. */
export function notFound(reason: string, message: string, isDeleted: boolean): Fault {
  const details = isDeleted ? { metadata: { deleted: "true" } } : {};
  return new Fault("not_found", reason, message, details);
}

/** Creates a fault about one field of the request, so that a form can show it beside the field. */
export function invalidField(field: string, reason: string, description: string): Fault {
  return new Fault("invalid", reason, `${field}: ${description}`, {
    violations: [{ field, description, reason }],
  });
}

/** Throws FIELD_REQUIRED: the field has no text, or nothing but white space. */
export function fieldRequired(field: string): never {
  throw invalidField(field, "FIELD_REQUIRED", "must not be blank");
}

/** Throws KEY_REUSED: the same idempotency key came with a different request. */
export function idempotencyKeyReused(): never {
  throw new Fault(
    "conflict",
    "KEY_REUSED",
    "idempotency_key was already used for a different request",
  );
}

/** The fault of a caller whose session has ended: signed out, deactivated or deleted. */
export function invalidSession(): Fault {
  const message = "the session has ended; sign in again";
  return new Fault("unauthenticated", "INVALID_SESSION", message);
}
