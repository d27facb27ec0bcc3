import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Transcoder } from "./transcoder.ts";

/**
 * A request listener for `node:http` that answers every request through the transcoder. It aborts the
 * RPC when the client disconnects, pulls a stream's next chunk once the last one was written, and
 * destroys the connection when a stream fails beyond repair.
 */
export function createRequestListener(transcoder: Transcoder): RequestListener {
  return (request, response) => {
    // Whatever goes wrong must not end the process, as an unhandled rejection would.
    respond(transcoder, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
}

async function respond(
  transcoder: Transcoder,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const disconnect = new AbortController();
  response.once("close", () => disconnect.abort());
  const { method = "GET", url = "/" } = request;
  if (method === "OPTIONS" && url === "*") {
    // It asks of the server in general, say whether it is there (RFC 9110, section 9.3.7).
    response.end();
    return;
  }
  const target = parseTarget(url);
  const headers = toHeaders(request.headersDistinct);
  if (target.host !== undefined) headers.set("host", target.host);
  const restResponse = await transcoder.handle(
    {
      method,
      url: target.url,
      headers,
      body: request.iterator({ destroyOnReturn: false }),
    },
    disconnect.signal,
  );
  response.writeHead(restResponse.status, restResponse.headers.flat());
  if ("body" in restResponse) response.end(restResponse.body);
  else await pipeline(restResponse.chunks, response).catch(() => undefined);
  // Reads what is left of the body, so that the connection can carry the next request.
  request.resume();
}

/** Path and query of a target; in absolute form it has the host too, which then counts (RFC 9112, section 3.2.2). */
function parseTarget(target: string): { url: string; host?: string } {
  const [, host, rest = ""] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [];
  if (host === undefined) return { url: target };
  return { url: rest.startsWith("/") ? rest : `/${rest}`, host };
}

function toHeaders(fields: IncomingMessage["headersDistinct"]): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(fields)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
