import { Code, ConnectError } from "@connectrpc/connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { HeaderFields } from "../hpack/header-fields.ts";
import { connectionLostCode, errorCode } from "../http2/frames.ts";
import { addMetadata, lastFieldValue, metadataOf } from "./metadata.ts";

const okFields: HeaderFields = ["grpc-status", "0"];

/** The trailers of a successful call, with the handler's metadata. */
export function okTrailers(metadata: Headers | undefined): HeaderFields {
  if (!metadata) return okFields;
  const fields = [...okFields];
  addMetadata(fields, metadata);
  return fields;
}

/** The trailers of a call that failed: status, message, details, and the metadata of both. */
export function errorTrailers(error: ConnectError, metadata: Headers | undefined): HeaderFields {
  const encodable = toEncodable(error);
  const headers = setTrailerStatus(new Headers(metadata), encodable);
  const fields = ["grpc-status", String(error.code)];
  const { rawMessage } = encodable;
  if (rawMessage) fields.push("grpc-message", percentEncode(rawMessage));
  addMetadata(fields, headers);
  return fields;
}

/** The error, with a message that UTF-8 can encode. */
function toEncodable(error: ConnectError): ConnectError {
  if (error.rawMessage.isWellFormed()) return error;
  const { code, metadata, details } = error;
  const encodable = new ConnectError(error.rawMessage.toWellFormed(), code, metadata);
  encodable.details = details;
  return encodable;
}

/**
 * Encodes what is not printable ASCII (gRPC over HTTP2, "Percent-Encoded"), and no more: grpc-js does not decode
 * reserved characters. White space at the ends of a field would be lost.
 */
function percentEncode(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+|^ +| +$/g, encodeURIComponent);
}

/**
 * The error in trailers; undefined when the call succeeded. Its metadata is that of headers and trailers, as in all of
 * Connect's transports; its own property `trailers` is what came in the trailers alone.
 */
export function errorFromTrailers(
  header: HeaderFields | undefined,
  trailers: HeaderFields,
): ConnectError | undefined {
  const status = lastFieldValue(trailers, "grpc-status");
  if (status === "0") return undefined;
  if (status === undefined) {
    return new ConnectError("the response ended without grpc-status", Code.Unknown);
  }
  const headers = metadataOf(trailers);
  headers.set("grpc-status", status);
  const message = lastFieldValue(trailers, "grpc-message");
  if (message !== undefined) headers.set("grpc-message", toDecodableMessage(message));
  const error = parseStatus(headers);
  const all = metadataOf([...(header ?? []), ...trailers]);
  all.delete("grpc-status-details-bin");
  all.forEach((value, name) => {
    error?.metadata.set(name, value);
  });
  return error && Object.assign(error, { trailers: metadataOf(trailers) });
}

/** The error in trailers. Details that are malformed, or contradict the status, are dropped. */
function parseStatus(trailers: Headers): ConnectError | undefined {
  try {
    const error = findTrailerError(trailers);
    if (error?.code === Number(trailers.get("grpc-status"))) return error;
  } catch {
    // Not Base64, or not a google.rpc.Status.
  }
  trailers.delete("grpc-status-details-bin");
  return findTrailerError(trailers);
}

/** Makes a message decodable: an invalid percent-encoding is kept literally ("Percent-Encoded"). */
function toDecodableMessage(message: string): string {
  try {
    decodeURIComponent(message);
    return message;
  } catch {
    return encodeURIComponent(message);
  }
}

const codesByResetCode = new Map<number, Code>([
  [connectionLostCode, Code.Unavailable],
  [errorCode.refusedStream, Code.Unavailable],
  [errorCode.cancel, Code.Canceled],
  [errorCode.enhanceYourCalm, Code.ResourceExhausted],
  [errorCode.inadequateSecurity, Code.PermissionDenied],
]);

/** The error of a call whose stream was reset (gRPC over HTTP2, "HTTP2 Transport Mapping"). */
export function errorFromReset(code: number, message: string): ConnectError {
  return new ConnectError(message, codesByResetCode.get(code) ?? Code.Internal);
}
