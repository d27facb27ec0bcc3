import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { RestResponse } from "@plaza/rest/transcoder";
import { maxBodyBytes } from "./limits.ts";

/** More than this nobody sends by mistake. */
const maxDroppedBytes = 8 * maxBodyBytes;
const dropMs = 3_000;

/**
 * Writes a whole answer under the given headers and its own. Unless it says otherwise itself, no cache
 * may keep it, because it depends on who asks.
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: RestResponse,
  common: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const out: OutgoingHttpHeaders = { "cache-control": "no-store", ...common };
  for (const [name, value] of headers)
    out[name] = name === "set-cookie" ? all(out[name], value) : value;
  const isHead = request.method === "HEAD";
  if (!isHead) out["content-length"] = Buffer.byteLength(body);
  if (!request.complete && request.httpVersionMajor < 2) {
    if (Number(request.headers["content-length"]) > maxDroppedBytes) out["connection"] = "close";
    else dropRest(request);
  }
  response.writeHead(status, out);
  response.end(isHead ? undefined : body);
}

function all(before: OutgoingHttpHeaders[string], value: string): string[] {
  return before === undefined ? [value] : [before, value].flat().map(String);
}

/**
 * Reads what is left of a body, for nothing and for a moment: a client that is still sending loses an
 * answer on a connection that closes under it.
 */
function dropRest(request: IncomingMessage): void {
  let left = maxDroppedBytes;
  const timer = setTimeout(() => request.destroy(), dropMs);
  request.on("close", () => clearTimeout(timer));
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
