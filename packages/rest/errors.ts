import {
  create,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type JsonValue,
  type Message,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { writeJson } from "./binding/json-writer.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.ts";
import { responseHeaders, trailerHeaders } from "./http/headers.ts";
import type { RestResponse } from "./http/messages.ts";
import { RestError } from "./http/rest-error.ts";

export { type FieldViolation, RestError, type RestErrorReason } from "./http/rest-error.ts";

type Detail = ConnectError["details"][number];

/** The HTTP status of each code, as google.rpc.Code lists them. */
const httpStatus: Record<Code, number> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

const standardDetailTypes = new Map<string, DescMessage>(
  [ErrorInfoSchema, BadRequestSchema, RetryInfoSchema].map((desc) => [desc.typeName, desc]),
);

/**
 * Turns whatever an RPC or this package threw into an HTTP response whose body is a google.rpc.Status
 * in JSON. Details of types that the registry knows are printed as Any; others keep their bytes in
 * base64 under "value". What is neither a ConnectError nor a RestError becomes "internal error",
 * without a word of its text. Never throws.
 */
export function toStatusResponse(error: unknown, registry?: Registry): RestResponse {
  if (error instanceof RestError) return fromRestError(error);
  const known =
    error instanceof ConnectError ? error : new ConnectError("internal error", Code.Internal);
  const headers = [...metadataHeaders(known), ...retryAfter(known)];
  if (known.code === Code.Unauthenticated) headers.push(["www-authenticate", "Bearer"]);
  const details = known.details.flatMap(
    (detail) => tryOrUndefined(() => printDetail(detail, registry)) ?? [],
  );
  return statusResponse(
    httpStatus[known.code] ?? 500,
    known.code,
    known.rawMessage,
    details,
    headers,
  );
}

function fromRestError(error: RestError): RestResponse {
  const { reason, violations } = error;
  const info = create(ErrorInfoSchema, { reason, domain: "rest" });
  const details = [printAny(ErrorInfoSchema, info)];
  if (violations.length > 0) {
    const fieldViolations = violations.map((one) => ({ ...one }));
    details.push(printAny(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  return statusResponse(error.status, error.code, error.message, details, [...error.headers]);
}

function statusResponse(
  status: number,
  code: Code,
  message: string,
  details: JsonValue[],
  headers: [string, string][],
): RestResponse {
  const body = details.length > 0 ? { code, message, details } : { code, message };
  headers.push(["content-type", "application/json"]);
  return { status, headers, body: JSON.stringify(body) };
}

function printDetail(detail: Detail, registry: Registry | undefined): JsonValue {
  if ("desc" in detail)
    return printOutgoing(detail.desc, create(detail.desc, detail.value), registry);
  const { type, value } = detail;
  const desc = findType(type, registry);
  const message = desc && tryOrUndefined(() => fromBinary(desc, value));
  return (desc && message && printKnown(desc, message, registry)) ?? printUnknown(type, value);
}

function printOutgoing(desc: DescMessage, message: Message, registry: Registry | undefined) {
  const bytes = () => tryOrUndefined(() => toBinary(desc, message)) ?? new Uint8Array();
  return printKnown(desc, message, registry) ?? printUnknown(desc.typeName, bytes());
}

/** Undefined when the message has no JSON form, say for an Any of a type that is not registered. */
function printKnown(desc: DescMessage, message: Message, registry: Registry | undefined) {
  return tryOrUndefined(() => printAny(desc, message, registry));
}

function printUnknown(typeName: string, value: Uint8Array): JsonValue {
  return { "@type": typeUrl(typeName), value: base64Encode(value) };
}

function printAny(desc: DescMessage, message: Message, registry?: Registry): JsonObject {
  const json = writeJson(desc, message, registry ? { registry } : {});
  const fields = hasCustomJsonRepresentation(desc) ? { value: json } : (json as JsonObject);
  return { "@type": typeUrl(desc.typeName), ...fields };
}

function typeUrl(typeName: string): string {
  return `type.googleapis.com/${typeName}`;
}

function findType(typeName: string, registry: Registry | undefined): DescMessage | undefined {
  return registry?.getMessage(typeName) ?? standardDetailTypes.get(typeName);
}

/**
 * The metadata of an error as headers. Connect's transports join headers and trailers in it; those of `@plaza/grpc`
 * say in a property of the error which were trailers.
 */
function metadataHeaders(error: ConnectError & { trailers?: unknown }): [string, string][] {
  const { metadata, trailers } = error;
  if (!(trailers instanceof Headers)) return responseHeaders(metadata);
  const headers = new Headers(metadata);
  for (const name of trailers.keys()) headers.delete(name);
  return [...responseHeaders(headers), ...trailerHeaders(trailers)];
}

/** The delay of RetryInfo in whole seconds, rounded up (RFC 9110, section 10.2.3). */
function retryAfter(error: ConnectError): [string, string][] {
  const delay = retryInfo(error)?.retryDelay;
  if (!delay) return [];
  const seconds = Number(delay.seconds) + Math.ceil(delay.nanos / 1e9);
  return [["retry-after", String(Math.max(0, seconds))]];
}

function retryInfo(error: ConnectError): RetryInfo | undefined {
  const { typeName } = RetryInfoSchema;
  for (const detail of error.details) {
    if ("desc" in detail) {
      if (detail.desc.typeName === typeName)
        return create(RetryInfoSchema, detail.value as RetryInfo);
    } else if (detail.type === typeName) {
      return tryOrUndefined(() => fromBinary(RetryInfoSchema, detail.value));
    }
  }
  return undefined;
}

function tryOrUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
