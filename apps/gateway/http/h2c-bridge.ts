import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import type { HeaderFields, Http2Stream, Http2StreamListener } from "@plaza/grpc/http2";
import { errorCode } from "@plaza/grpc/http2";

/** Serves an HTTP/1.1 connection. */
type ServeHttp1 = (connection: Duplex & { readonly remoteAddress: string | undefined }) => void;

const emptyBytes = new Uint8Array();

/** Connection-specific headers (RFC 9113, section 8.2.2). */
const connectionHeaderPattern =
  /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|trailer|expect)$/;

/**
 * Bridges a request that came over HTTP/2 without TLS to the HTTP/1.1 server, on an in-process connection of
 * its own, so that REST, Connect and gRPC-Web meet one parser and one set of limits and handlers.
 */
export function bridgeToHttp1(
  stream: Http2Stream,
  fields: HeaderFields,
  isEnd: boolean,
  serve: ServeHttp1,
): void {
  const createConnection = () => connectInProcess(serve, stream.remoteAddress);
  try {
    const http1Request = request({ ...toHttp1Head(fields), createConnection });
    stream.listener = new BridgedExchange(stream, http1Request);
    if (isEnd) http1Request.end();
  } catch {
    // A method or a path that is not valid in HTTP/1.1.
    stream.sendHeaders([":status", "400"], true);
  }
}

/** Opens an in-process connection; destroying one end destroys the other, as with sockets. */
function connectInProcess(serve: ServeHttp1, remoteAddress: string | undefined): Duplex {
  const [client, server] = duplexPair();
  client.once("close", () => server.destroy());
  server.once("close", () => {
    if (!server.writableFinished) client.destroy();
  });
  serve(Object.assign(server, { remoteAddress }));
  return client;
}

class BridgedExchange implements Http2StreamListener {
  readonly #stream: Http2Stream;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;

  constructor(stream: Http2Stream, http1Request: ClientRequest) {
    this.#stream = stream;
    this.#request = http1Request;
    http1Request.on("response", (response) => this.#onResponse(response));
    http1Request.on("error", this.#reset);
  }

  onHeaders(): void {
    this.#request.end();
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    if (bytes.length > 0) this.#request.write(bytes, () => this.#stream.consume(bytes.length));
    if (isEnd) this.#request.end();
  }

  onAbort(): void {
    this.#request.destroy();
  }

  onDrain(): void {
    this.#response?.resume();
  }

  #onResponse(response: IncomingMessage): void {
    this.#response = response;
    this.#stream.sendHeaders([
      ":status",
      String(response.statusCode),
      ...withoutConnectionHeaders(response.rawHeaders),
    ]);
    response.on("data", (chunk: Buffer) => {
      if (!this.#stream.sendData(emptyBytes, chunk)) response.pause();
    });
    response.on("end", () => {
      const { rawTrailers } = response;
      this.#stream.end(rawTrailers.length > 0 ? withoutConnectionHeaders(rawTrailers) : undefined);
    });
    response.on("error", this.#reset);
  }

  readonly #reset = (): void => this.#stream.reset(errorCode.internalError);
}

/** Converts pseudo-headers, and joins cookies that HTTP/2 splits. */
function toHttp1Head(fields: HeaderFields): { method: string; path: string; headers: string[] } {
  const pseudo = new Map<string, string>();
  const cookies: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (name.startsWith(":")) pseudo.set(name, value);
    else if (name === "cookie") cookies.push(value);
    else if (name !== "host" || !pseudo.has(":authority")) rest.push(name, value);
  }
  const headers = withoutConnectionHeaders(rest);
  if (cookies.length > 0) headers.push("cookie", cookies.join("; "));
  const host = pseudo.get(":authority");
  if (host !== undefined) headers.push("host", host);
  return { method: pseudo.get(":method") ?? "", path: pseudo.get(":path") ?? "", headers };
}

/** Removes connection-specific headers from names and values in turn, as in `rawHeaders`. */
function withoutConnectionHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    if (!connectionHeaderPattern.test(name)) kept.push(name, raw[at + 1] ?? "");
  }
  return kept;
}
