import { Code, ConnectError } from "@connectrpc/connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { HeaderFields } from "../hpack/decoder.ts";
import { connectionLostCode, errorCode } from "../http2/frames.ts";
import { addMetadata, lastFieldValue, metadataOf } from "./metadata.ts";

const okFields: HeaderFields = ["grpc-status", "0"];

/** The trailers of a call that went well, with the handler's own. */
export function okTrailers(metadata: Headers | undefined): HeaderFields {
  if (!metadata) return okFields;
  const fields = [...okFields];
  addMetadata(fields, metadata);
  return fields;
}

/** The trailers of a call that failed: status, message, details, and the metadata of both. */
export function errorTrailers(error: ConnectError, metadata: Headers | undefined): HeaderFields {
  const headers = setTrailerStatus(new Headers(metadata), error);
  const fields = ["grpc-status", String(error.code)];
  const message = headers.get("grpc-message");
  if (message) fields.push("grpc-message", message);
  addMetadata(fields, headers);
  return fields;
}

/**
 * What trailers say of the call: its error, with the metadata of the headers and of the trailers, or
 * nothing when it went well.
 */
export function errorFromTrailers(
  header: HeaderFields | undefined,
  trailers: HeaderFields,
): ConnectError | undefined {
  const status = lastFieldValue(trailers, "grpc-status");
  if (status === "0") return undefined;
  if (status === undefined) {
    return new ConnectError("the answer ended without a status", Code.Unknown);
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
  return error;
}

/** The error that trailers tell of. Details that are malformed, or of another status, are left out. */
function parseStatus(trailers: Headers): ConnectError | undefined {
  try {
    const error = findTrailerError(trailers);
    if (error?.code === Number(trailers.get("grpc-status"))) return error;
  } catch {
    // They are no Base64, or no google.rpc.Status.
  }
  trailers.delete("grpc-status-details-bin");
  return findTrailerError(trailers);
}

/** A message as it came, but so that it can be decoded ("Percent-Encoded": what is invalid stays as it is). */
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

/** What a stream that was reset means for its call (gRPC over HTTP2, "HTTP2 Transport Mapping"). */
export function errorFromReset(code: number, message: string): ConnectError {
  return new ConnectError(message, codesByResetCode.get(code) ?? Code.Internal);
}
