import type { OutgoingHttpHeaders } from "node:http";
import { pipeline } from "node:stream/promises";
import { Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { parseTimeout } from "@plaza/grpc/calls";
import { maxStreamDurationMs } from "../base/limits.ts";
import { preferredCoding } from "../http/content-coding.ts";
import { mergeSetCookies } from "../http/cookies.ts";
import type { HttpResponse } from "../http/http-message.ts";
import { mediaTypeOf } from "../http/media-type.ts";
import type { HttpCall } from "../methods/call.ts";
import { encodeBase64, textTypePattern } from "./grpc-web-text.ts";

/**
 * Converts a request to what Connect's handlers take. Its signal aborts when the client disconnects before the response
 * is complete.
 */
export function toUniversalRequest(
  { request, response }: HttpCall,
  body: AsyncIterable<Uint8Array>,
  contextValues: ContextValues,
): UniversalServerRequest {
  const disconnect = new AbortController();
  response.once("close", () => {
    const error = new ConnectError("the client cancelled the call", Code.Canceled);
    disconnect.abort(response.writableFinished ? undefined : error);
  });
  const { httpVersion, method = "", url = "" } = request;
  return {
    httpVersion,
    method,
    // Only its query is read.
    url: `http://localhost${url}`,
    header: callHeaders(request.headers),
    body,
    signal: disconnect.signal,
    contextValues,
  };
}

/** Writes a response of Connect's handlers, whose cookies replace admission's; that of a unary call at once. */
export async function sendUniversalResponse(
  response: HttpResponse,
  { status, header = new Headers(), body = noBody(), trailer }: UniversalServerResponse,
  { isText, isUnary }: { readonly isText: boolean; readonly isUnary: boolean },
): Promise<void> {
  const headers: OutgoingHttpHeaders = Object.fromEntries(header);
  const cookies = header.getSetCookie();
  if (cookies.length > 0) {
    headers["set-cookie"] = mergeSetCookies(response.getHeader("set-cookie"), cookies);
  }
  const type = header.get("content-type");
  if (isText && type) headers["content-type"] = type.replace("grpc-web", "grpc-web-text");
  const content = isText ? encodeBase64(body) : body;
  if (isUnary) {
    const whole = Buffer.concat(await Array.fromAsync(content));
    response.writeHead(status, headers);
    if (trailer) response.addTrailers(Object.fromEntries(trailer));
    response.end(whole);
    return;
  }
  response.writeHead(status, headers);
  async function* chunks() {
    yield* content;
    if (trailer) response.addTrailers(Object.fromEntries(trailer));
  }
  // The client sees the connection cut, and the service its call canceled: there is nothing else to do.
  await pipeline(chunks, response).catch(() => undefined);
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

/**
 * The headers with a Content-Type and an Accept-Encoding that Connect knows, whatever their parameters and case, and
 * with a deadline no later than a stream may last, which is clamped in every protocol.
 */
function callHeaders(from: HttpCall["request"]["headers"]): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(from)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const type = mediaTypeOf(from["content-type"]);
  if (type !== "")
    headers.set("content-type", type.replace(textTypePattern, "application/grpc-web"));
  // Connect compares names only; q-values are HTTP's.
  if (headers.has("accept-encoding")) {
    headers.set("accept-encoding", preferredCoding(from, ["gzip"]) ?? "identity");
  }
  const { "connect-timeout-ms": connectTimeout, "grpc-timeout": grpcTimeout } = from;
  if (/^\d{1,10}$/.test(`${connectTimeout}`) && Number(connectTimeout) > maxStreamDurationMs) {
    headers.set("connect-timeout-ms", `${maxStreamDurationMs}`);
  }
  if (parseTimeout(`${grpcTimeout}`) > maxStreamDurationMs) {
    headers.set("grpc-timeout", `${maxStreamDurationMs}m`);
  }
  return headers;
}
