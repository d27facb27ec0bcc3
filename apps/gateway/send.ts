import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { RestResponse } from "@plaza/rest/transcoder";

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
  // What is left of an unread body must not be taken for the next request.
  if (!request.complete && request.httpVersionMajor < 2) out["connection"] = "close";
  response.writeHead(status, out);
  response.end(isHead ? undefined : body);
}

function all(before: OutgoingHttpHeaders[string], value: string): string[] {
  return before === undefined ? [value] : [before, value].flat().map(String);
}
