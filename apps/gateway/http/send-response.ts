import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { RestResponse, RestStreamResponse } from "@plaza/rest/transcoder";
import { maxBodyBytes } from "../base/limits.ts";
import { mergeSetCookies } from "./cookies.ts";

/** More than this nobody sends by mistake. */
const maxDiscardedBytes = 8 * maxBodyBytes;
const discardTimeoutMs = 3_000;

/**
 * Writes a whole answer under the given headers and its own. Unless it says otherwise itself, no cache
 * may keep it, because it depends on who asks.
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
  // Of an answer without content it would tell the length of the content that there would have been.
  if (!isHead && status !== 304) out["content-length"] = Buffer.byteLength(body);
  if (!request.complete && request.httpVersionMajor < 2) {
    if (Number(request.headers["content-length"]) > maxDiscardedBytes) out["connection"] = "close";
    else discardRest(request);
  }
  response.writeHead(status, out);
  response.end(isHead ? undefined : body);
}

/**
 * Writes a stream under the given headers and its own, each piece once the one before has left: a slow
 * reader holds up the service and not this process's memory. One that breaks off ends its connection.
 */
export async function sendStreamResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, chunks }: RestStreamResponse,
  commonHeaders: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(status, outgoingHeaders(response, headers, commonHeaders));
  // The client sees that it was cut off, and the service that nobody listens; there is no one to tell.
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
 * Reads what is left of a body, for nothing and for a moment: a client that is still sending loses an
 * answer on a connection that closes under it.
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
