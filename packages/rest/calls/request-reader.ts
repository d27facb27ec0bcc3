import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  acceptsHttpBody,
  decodeUtf8,
  isJsonMediaType,
  utf8MediaType,
} from "../binding/request-body.ts";
import { ByteBuffer } from "../http/byte-buffer.ts";
import { decompress, decompressStream } from "../http/compression.ts";
import { parseTimeoutMs } from "../http/headers.ts";
import type { RestHeaders, RestRequest } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { CompiledRoute } from "../routing/compiled-route.ts";
import type { PathMatch, PathRouter } from "../routing/path-router.ts";
import {
  type MessageSlice,
  type MessageSplitter,
  splitArray,
  splitChunks,
  splitLines,
} from "../streaming/message-splitter.ts";
import type { InvokeContext, ResolvedOptions } from "./transcoder-options.ts";

/** What a request asks for: the route, the query, and whether the method stood in a header. */
export type RoutedRequest = {
  match: PathMatch<CompiledRoute>;
  query: string;
  isMethodOverridden: boolean;
};

/** Finds what a request asks for. Throws RestError when there is no such thing. */
export function routeRequest(
  router: PathRouter<CompiledRoute>,
  request: RestRequest,
  settings: ResolvedOptions,
): RoutedRequest {
  const { method, url, headers } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  const override =
    settings.methodOverride && method === "POST" ? methodOverride(headers) : undefined;
  const match = router.find(override ?? method, path);
  if (!match) throw new RestError("NO_SUCH_ROUTE", `nothing is at ${path}`);
  if ("route" in match) return { match, query, isMethodOverridden: override !== undefined };
  const allow = match.allow.join(", ");
  throw new RestError("METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
    headers: [["allow", allow]],
  });
}

function methodOverride(headers: RestHeaders): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
  return isForm ? headers.get("x-http-method-override")?.toUpperCase() : undefined;
}

/**
 * The call's metadata and deadline. Throws RestError when the deadline is malformed, and DEADLINE_EXCEEDED when
 * there is no time at all: to a transport a timeout of 0 means none.
 */
export function createInvokeContext(
  request: RestRequest,
  signal: AbortSignal,
  { requestHeaders }: ResolvedOptions,
): InvokeContext {
  const timeout = parseTimeoutMs(request.headers);
  if (timeout === 0) throw new ConnectError("the operation timed out", Code.DeadlineExceeded);
  const headers = requestHeaders(request);
  return timeout === undefined ? { headers, signal } : { headers, signal, timeoutMs: timeout };
}

/** Reads a request of one message. Throws RestError when it does not fit the method. */
export async function readMessage(
  { match, query, isMethodOverridden }: RoutedRequest,
  request: RestRequest,
  { maxRequestBytes }: ResolvedOptions,
): Promise<Message> {
  const { segments, route } = match;
  const body = await readWholeBody(request, maxRequestBytes);
  const isQuery = isMethodOverridden && route.binding.body.kind === "none";
  return route.readRequest({
    segments,
    query,
    form: isQuery ? decodeUtf8(body) : "",
    body: isQuery ? new Uint8Array() : body,
    contentType: request.headers.get("content-type"),
  });
}

/**
 * Reads a request whose body holds many messages, each when it is asked for. Path and query fill all of
 * them. Throws RestError: at once when the body is of no type that can hold them, otherwise where a
 * message does not fit the method, naming its line.
 */
export function readMessages(
  { match, query }: RoutedRequest,
  request: RestRequest,
  { maxRequestBytes }: ResolvedOptions,
): AsyncGenerator<Message, void> {
  const { segments, route } = match;
  const givenType = request.headers.get("content-type");
  const isRaw = acceptsHttpBody(route.binding);
  const split = isRaw ? splitChunks : splitterForType(givenType);
  const contentType = isRaw ? givenType : "application/json";
  const slices = split(bodyChunks(request), maxRequestBytes);

  function read({ body, name }: MessageSlice): Message {
    try {
      return route.readRequest({ segments, query, body, contentType });
    } catch (error) {
      throw error instanceof RestError ? error.withLocation(name) : error;
    }
  }

  return (async function* () {
    for await (const slice of slices) yield read(slice);
  })();
}

function splitterForType(contentType: string | null): MessageSplitter {
  const type = utf8MediaType(contentType);
  if (type === "application/x-ndjson") return splitLines;
  if (isJsonMediaType(type)) return splitArray;
  const message = `content-type must be application/x-ndjson, or application/json for an array, not "${contentType ?? ""}"`;
  throw new RestError("UNSUPPORTED_MEDIA_TYPE", message, {
    headers: [["accept", "application/x-ndjson, application/json"]],
  });
}

function bodyChunks({ body, headers }: RestRequest): AsyncIterable<Uint8Array> {
  const chunks = body instanceof Uint8Array ? singleChunk(body) : body;
  const encoding = headers.get("content-encoding");
  return encoding === null ? chunks : decompressStream(chunks, encoding);
}

async function* singleChunk<T>(one: T): AsyncGenerator<T> {
  yield one;
}

async function readWholeBody(
  { body, headers }: RestRequest,
  maxBytes: number,
): Promise<Uint8Array> {
  const whole = body instanceof Uint8Array ? body : await collectChunks(body, maxBytes);
  if (whole.length > maxBytes) throw bodyTooLarge(maxBytes);
  const encoding = headers.get("content-encoding");
  return encoding === null || whole.length === 0 ? whole : decompress(whole, encoding, maxBytes);
}

async function collectChunks(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const whole = new ByteBuffer(maxBytes);
  for await (const chunk of chunks) {
    if (whole.size + chunk.length > maxBytes) throw bodyTooLarge(maxBytes);
    whole.append(chunk);
  }
  return whole.take();
}

function bodyTooLarge(maxBytes: number): RestError {
  return new RestError("BODY_TOO_LARGE", `the body is larger than ${maxBytes} bytes`);
}
