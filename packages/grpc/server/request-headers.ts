import { Code, ConnectError } from "@connectrpc/connect";
import {
  acceptedEncodings,
  isMessageEncoding,
  type MessageEncoding,
} from "../calls/compression.ts";
import type { Route, Routes } from "../calls/routes.ts";
import { parseTimeout } from "../calls/timeout.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import { contentLengthOf, findFieldProblem } from "../http2/field-validation.ts";

/** The parsed header fields of a request. */
export type RequestHeaders = {
  /** The request violates HTTP/2: its stream is reset. */
  readonly malformed?: string;
  /** It is not a gRPC call: the HTTP status of the response. */
  readonly httpStatus?: number;
  /** The call is refused before it begins. */
  readonly rejection?: ConnectError;
  readonly route?: Route;
  readonly path: string;
  readonly timeoutMs?: number;
  readonly encoding: MessageEncoding;
  /** Whether the client accepts gzip. */
  readonly acceptsGzip: boolean;
  readonly contentLength?: number;
  readonly contentType: string;
};

type MutableRequestHeaders = { -readonly [K in keyof RequestHeaders]: RequestHeaders[K] };

const requestPseudoFields = [":method", ":scheme", ":path", ":authority"];
const grpcContentType = /^application\/grpc(\+proto)?\s*(;.*)?$/i;

/**
 * Creates the parser of request headers. Repeated calls of a client have the same header block, for which the
 * decoder returns the same array of fields: that is parsed once.
 */
export function createRequestParser(routes: Routes): (fields: HeaderFields) => RequestHeaders {
  const known = new WeakMap<HeaderFields, RequestHeaders>();
  return (fields) => {
    const before = known.get(fields);
    if (before) return before;
    const head = parseRequest(fields, routes);
    known.set(fields, head);
    return head;
  };
}

function parseRequest(fields: HeaderFields, routes: Routes): RequestHeaders {
  const head: MutableRequestHeaders = {
    path: "",
    encoding: "identity",
    acceptsGzip: false,
    contentType: "",
  };
  const malformed = findFieldProblem(fields, requestPseudoFields);
  if (malformed) return { ...head, malformed };
  const seen = { method: "", scheme: "" };
  for (let at = 0; at < fields.length; at += 2) {
    applyField(head, seen, fields[at] as string, fields[at + 1] as string);
  }
  if (!seen.method || !seen.scheme || !head.path) {
    return { ...head, malformed: "a request needs :method, :scheme and :path" };
  }
  const contentLength = contentLengthOf(fields);
  if (Number.isNaN(contentLength)) return { ...head, malformed: "content-length is malformed" };
  if (contentLength !== undefined) head.contentLength = contentLength;
  if (head.httpStatus) return head;
  if (seen.method !== "POST") return { ...head, httpStatus: 405 };
  if (!grpcContentType.test(head.contentType)) return { ...head, httpStatus: 415 };
  const route = routes.get(head.path);
  if (route) head.route = route;
  else head.rejection ??= new ConnectError(`unknown method ${head.path}`, Code.Unimplemented);
  return head;
}

function applyField(
  head: MutableRequestHeaders,
  seen: { method: string; scheme: string },
  name: string,
  value: string,
) {
  switch (name) {
    case ":method":
      seen.method = value;
      break;
    case ":scheme":
      seen.scheme = value;
      break;
    case ":path":
      head.path = value;
      break;
    case "content-type":
      head.contentType = value;
      break;
    case "grpc-timeout":
      head.timeoutMs = parseTimeout(value);
      if (Number.isNaN(head.timeoutMs)) head.rejection = malformedTimeout();
      break;
    case "grpc-encoding": {
      const encoding = value.toLowerCase();
      if (isMessageEncoding(encoding)) head.encoding = encoding;
      else head.rejection = unknownEncoding(value);
      break;
    }
    case "grpc-accept-encoding":
      head.acceptsGzip = value.split(",").some((one) => one.trim().toLowerCase() === "gzip");
      break;
  }
}

const malformedTimeout = () => new ConnectError("grpc-timeout is malformed", Code.InvalidArgument);

// gRPC's compression specification: the server lists the encodings that it supports.
const unknownEncoding = (name: string) =>
  new ConnectError(`compression "${name}" is not supported`, Code.Unimplemented, {
    "grpc-accept-encoding": acceptedEncodings,
  });
