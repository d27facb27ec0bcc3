import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { decodeText, isJson, takesRaw, textType } from "../binding/request-body.ts";
import { Growing } from "../http/byte-buffer.ts";
import { decompress, decompressEach } from "../http/compression.ts";
import { timeoutMs } from "../http/headers.ts";
import type { RestHeaders, RestRequest } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { Route } from "../routing/compiled-route.ts";
import type { Found, Router } from "../routing/path-router.ts";
import {
  type Slice,
  type Splitter,
  splitArray,
  splitChunks,
  splitLines,
} from "../streaming/message-splitter.ts";
import type { CallContext, Settings } from "./transcoder-options.ts";

/** What a request asks for: the route, the query, and whether the method stood in a header. */
export type Call = { found: Found<Route>; query: string; isOverridden: boolean };

/** Finds what a request asks for. Throws RestError when there is no such thing. */
export function findCall(router: Router<Route>, request: RestRequest, settings: Settings): Call {
  const { method, url, headers } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  const override = settings.methodOverride && method === "POST" ? overrideIn(headers) : undefined;
  const found = router.find(override ?? method, path);
  if (!found) throw new RestError("NO_SUCH_ROUTE", `nothing is at ${path}`);
  if ("route" in found) return { found, query, isOverridden: override !== undefined };
  const allow = found.allow.join(", ");
  throw new RestError("METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
    headers: [["allow", allow]],
  });
}

function overrideIn(headers: RestHeaders): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
  return isForm ? headers.get("x-http-method-override")?.toUpperCase() : undefined;
}

/**
 * The call's metadata and deadline. Throws RestError when the deadline is malformed, and DEADLINE_EXCEEDED when
 * there is no time at all: to a transport a timeout of 0 means none.
 */
export function contextOf(
  request: RestRequest,
  signal: AbortSignal,
  { requestHeaders }: Settings,
): CallContext {
  const timeout = timeoutMs(request.headers);
  if (timeout === 0) throw new ConnectError("the operation timed out", Code.DeadlineExceeded);
  const headers = requestHeaders(request);
  return timeout === undefined ? { headers, signal } : { headers, signal, timeoutMs: timeout };
}

/** Reads a request of one message. Throws RestError when it does not fit the method. */
export async function readMessage(
  { found, query, isOverridden }: Call,
  request: RestRequest,
  { maxRequestBytes }: Settings,
): Promise<Message> {
  const { segments, route } = found;
  const body = await wholeBody(request, maxRequestBytes);
  const isQuery = isOverridden && route.binding.body.kind === "none";
  return route.read({
    segments,
    query,
    form: isQuery ? decodeText(body) : "",
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
  { found, query }: Call,
  request: RestRequest,
  { maxRequestBytes }: Settings,
): AsyncGenerator<Message, void> {
  const { segments, route } = found;
  const givenType = request.headers.get("content-type");
  const isRaw = takesRaw(route.binding);
  const split = isRaw ? splitChunks : splitterFor(givenType);
  const contentType = isRaw ? givenType : "application/json";
  const slices = split(chunksOf(request), maxRequestBytes);

  function read({ body, name }: Slice): Message {
    try {
      return route.read({ segments, query, body, contentType });
    } catch (error) {
      throw error instanceof RestError ? error.in(name) : error;
    }
  }

  return (async function* () {
    for await (const slice of slices) yield read(slice);
  })();
}

function splitterFor(contentType: string | null): Splitter {
  const type = textType(contentType);
  if (type === "application/x-ndjson") return splitLines;
  if (isJson(type)) return splitArray;
  const message = `content-type must be application/x-ndjson, or application/json for an array, not "${contentType ?? ""}"`;
  throw new RestError("UNSUPPORTED_MEDIA_TYPE", message, {
    headers: [["accept", "application/x-ndjson, application/json"]],
  });
}

function chunksOf({ body, headers }: RestRequest): AsyncIterable<Uint8Array> {
  const chunks = body instanceof Uint8Array ? only(body) : body;
  const encoding = headers.get("content-encoding");
  return encoding === null ? chunks : decompressEach(chunks, encoding);
}

async function* only<T>(one: T): AsyncGenerator<T> {
  yield one;
}

async function wholeBody({ body, headers }: RestRequest, maxBytes: number): Promise<Uint8Array> {
  const whole = body instanceof Uint8Array ? body : await collect(body, maxBytes);
  if (whole.length > maxBytes) throw tooLarge(maxBytes);
  const encoding = headers.get("content-encoding");
  return encoding === null || whole.length === 0 ? whole : decompress(whole, encoding, maxBytes);
}

async function collect(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const whole = new Growing(maxBytes);
  for await (const chunk of chunks) {
    if (whole.size + chunk.length > maxBytes) throw tooLarge(maxBytes);
    whole.add(chunk);
  }
  return whole.take();
}

function tooLarge(maxBytes: number): RestError {
  return new RestError("BODY_TOO_LARGE", `the body is larger than ${maxBytes} bytes`);
}
