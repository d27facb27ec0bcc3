import { Code } from "@connectrpc/connect";

/** The gRPC code and HTTP status of each reason. */
const statusByReason = {
  BODY_NOT_ALLOWED: [Code.InvalidArgument, 400],
  BODY_TOO_LARGE: [Code.ResourceExhausted, 413],
  INVALID_FIELD: [Code.InvalidArgument, 400],
  INVALID_HEADER: [Code.InvalidArgument, 400],
  INVALID_PARAMETER: [Code.InvalidArgument, 400],
  INVALID_PATH_PARAMETER: [Code.InvalidArgument, 400],
  MALFORMED_BODY: [Code.InvalidArgument, 400],
  MALFORMED_JSON: [Code.InvalidArgument, 400],
  MALFORMED_QUERY: [Code.InvalidArgument, 400],
  METHOD_NOT_ALLOWED: [Code.Unimplemented, 405],
  NOT_ACCEPTABLE: [Code.InvalidArgument, 406],
  NO_SUCH_ROUTE: [Code.NotFound, 404],
  RESPONSE_TOO_LARGE: [Code.Internal, 500],
  STREAMING_NOT_SUPPORTED: [Code.Unimplemented, 501],
  TOO_MANY_PARAMETERS: [Code.InvalidArgument, 400],
  UNKNOWN_FIELD: [Code.InvalidArgument, 400],
  UNKNOWN_PARAMETER: [Code.InvalidArgument, 400],
  UNSUPPORTED_ENCODING: [Code.InvalidArgument, 415],
  UNSUPPORTED_MEDIA_TYPE: [Code.InvalidArgument, 415],
} as const satisfies Record<string, [Code, number]>;

/** A reason of the domain "rest", stable across versions. */
export type RestErrorReason = keyof typeof statusByReason;

/** An invalid field: its path in the request message, and what is wrong. */
export type FieldViolation = { field: string; description: string; reason: RestErrorReason };

/** A refusal by this package, before or after the RPC. */
export class RestError extends Error {
  override name = "RestError";
  readonly reason: RestErrorReason;
  readonly violations: readonly FieldViolation[];
  readonly headers: readonly [string, string][];

  constructor(
    reason: RestErrorReason,
    message: string,
    more: { violations?: readonly FieldViolation[]; headers?: readonly [string, string][] } = {},
  ) {
    super(message);
    this.reason = reason;
    this.violations = more.violations ?? [];
    this.headers = more.headers ?? [];
  }

  /** The same error, with the part of the request in front of its message. */
  withLocation(part: string): RestError {
    return new RestError(this.reason, `${part}: ${this.message}`, this);
  }

  get code(): Code {
    return statusByReason[this.reason][0];
  }

  get status(): number {
    return statusByReason[this.reason][1];
  }
}

/** The error for invalid fields, with the reason of the first. */
export function violationError(
  violations: readonly [FieldViolation, ...FieldViolation[]],
): RestError {
  const [first] = violations;
  const where = first.field === "" ? "the body" : first.field;
  return new RestError(first.reason, `${where}: ${first.description}`, { violations });
}
