import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { RestResponse, RestStreamResponse } from "@plaza/rest/transcoder";
import { maxBodyBytes } from "../base/limits.ts";
import { mergeSetCookies } from "./cookies.ts";

/** Clients that exceed the limit of bodies by mistake send less than this. */
const maxDiscardedBytes = 8 * maxBodyBytes;
const discardTimeoutMs = 3_000;

/**
 * Writes a response with the common headers and its own. It is `no-store` unless its own headers set
 * cache-control, because responses depend on the caller.
 */
export function sendResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: RestResponse,
  commonHeaders: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const out = outgoingHeaders(response, headers, commonHeaders);
  const isHead = request.method === "HEAD";
  // For a response without content it would be the length of the content left out.
  if (!isHead && status !== 304) out["content-length"] = Buffer.byteLength(body);
  if (!request.complete && request.httpVersionMajor < 2) {
    if (Number(request.headers["content-length"]) > maxDiscardedBytes) out["connection"] = "close";
    else discardRest(request);
  }
  response.writeHead(status, out);
  response.end(isHead ? undefined : body);
}

/**
 * Streams a response with backpressure: a slow reader slows the service down, and does not fill this
 * process's memory. A stream that fails destroys its connection.
 */
export async function sendStreamResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, chunks }: RestStreamResponse,
  commonHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(status, outgoingHeaders(response, headers, commonHeaders));
  // The client sees the connection cut, and the service its call canceled: there is nothing else to do.
  await pipeline(chunks, response).catch(() => undefined);
  if (!request.complete) discardRest(request);
}

function outgoingHeaders(
  response: ServerResponse,
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

/**
 * Discards the rest of the body, bounded in bytes and time: closing at once would reset the connection before
 * the client reads the response.
 */
function discardRest(request: IncomingMessage): void {
  let left = maxDiscardedBytes;
  const timer = setTimeout(() => request.destroy(), discardTimeoutMs);
  request.on("close", () => clearTimeout(timer));
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
