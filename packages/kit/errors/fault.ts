/** What went wrong, in the terms of a caller. Each kind is one gRPC status code. */
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

/** One field of a request that breaks one rule. */
export type Violation = {
  /** Path in the request message, in proto names: `user.phone`. */
  readonly field: string;
  /** For people. */
  readonly description: string;
  /** For programs, UPPER_SNAKE_CASE. */
  readonly reason: string;
};

/** What a fault carries beside its kind and reason. */
export type FaultDetails = {
  /** Machine-readable facts; sent to the caller, so nothing personal. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The fields at fault, when it is the request. */
  readonly violations?: readonly Violation[];
  /** When to try again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What led to it; logged, never sent. */
  readonly cause?: unknown;
};

/**
 * A refusal: the only thing that Plaza's code throws on purpose. `reason` is stable and part of the
 * contract of the RPC; `message` is for people. Anything else that is thrown is a bug.
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

/** A fault about one field of the request, so that a form can show it beside the field. */
export function invalidField(field: string, reason: string, description: string): Fault {
  return new Fault("invalid", reason, `${field}: ${description}`, {
    violations: [{ field, description, reason }],
  });
}

/** Throws FIELD_REQUIRED: the field has no text, or nothing but white space. */
export function fieldRequired(field: string): never {
  throw invalidField(field, "FIELD_REQUIRED", "must not be blank");
}

/** A retry asks for the same; anything else under the same key is a client bug. */
export function idempotencyKeyReused(): never {
  throw new Fault("conflict", "KEY_REUSED", "idempotency_key belongs to another request");
}
