import type { OutgoingHttpHeaders } from "node:http";
import { pipeline } from "node:stream/promises";
import type { RestResponse, RestStreamResponse } from "@plaza/rest/transcoder";
import { mergeSetCookies } from "./cookies.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";

/**
 * Writes a response with the common headers and its own. It is `no-store` unless its own headers set
 * cache-control, because responses depend on the caller.
 */
export function sendResponse(
  request: HttpRequest,
  response: HttpResponse,
  { status, headers, body }: RestResponse,
  commonHeaders: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const out = outgoingHeaders(response, headers, commonHeaders);
  const isHead = request.method === "HEAD";
  // For a response to HEAD, and a 304, it would be the length of the content left out; a 204 has none.
  if (!isHead && status !== 304 && status !== 204) out["content-length"] = Buffer.byteLength(body);
  response.writeHead(status, out);
  response.end(isHead ? undefined : body);
}

/**
 * Streams a response with backpressure: a slow reader slows the service down, and does not fill this
 * process's memory. A stream that fails destroys its connection.
 */
export async function sendStreamResponse(
  response: HttpResponse,
  { status, headers, chunks }: RestStreamResponse,
  commonHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(status, outgoingHeaders(response, headers, commonHeaders));
  // The client sees the connection cut, and the service its call canceled: there is nothing else to do.
  await pipeline(chunks, response).catch(() => undefined);
}

function outgoingHeaders(
  response: HttpResponse,
  headers: RestResponse["headers"],
  commonHeaders: Readonly<Record<string, string>>,
): OutgoingHttpHeaders {
  const out: OutgoingHttpHeaders = { "cache-control": "no-store", ...commonHeaders };
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    if (name === "set-cookie") cookies.push(value);
    else out[name] = value;
  }
  if (cookies.length > 0) {
    out["set-cookie"] = mergeSetCookies(response.getHeader("set-cookie"), cookies);
  }
  return out;
}
