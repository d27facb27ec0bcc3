import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import type { HeaderFields, Http2Stream, Http2StreamListener } from "@plaza/grpc/http2";
import { errorCode } from "@plaza/grpc/http2";

/** Serves a connection of HTTP/1.1, which is known by its peer's address. */
type ServeHttp1 = (connection: Duplex & { readonly remoteAddress: string | undefined }) => void;

const emptyBytes = new Uint8Array();

/** What concerns one connection alone, or is told in another way (RFC 9113, section 8.2.2). */
const connectionHeaderPattern =
  /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|trailer|expect)$/;

/**
 * Serves one request that has come over HTTP/2 as if it had come over HTTP/1.1, on a connection of its
 * own within this process: so it meets the same parser, limits and handlers. It is the way of the few
 * who speak REST, Connect or gRPC-Web over HTTP/2 without TLS.
 */
export function bridgeToHttp1(
  stream: Http2Stream,
  fields: HeaderFields,
  isEnd: boolean,
  serve: ServeHttp1,
): void {
  const createConnection = () => connectInProcess(serve, stream.remoteAddress);
  try {
    const asked = request({ ...toHttp1Head(fields), createConnection });
    stream.listener = new BridgedExchange(stream, asked);
    if (isEnd) asked.end();
  } catch {
    // A method or a path that HTTP/1.1 does not have.
    stream.sendHeaders([":status", "400"], true);
  }
}

/** A connection within this process; when one end is cut off, so is the other, as with sockets. */
function connectInProcess(serve: ServeHttp1, remoteAddress: string | undefined): Duplex {
  const [near, far] = duplexPair();
  near.once("close", () => far.destroy());
  far.once("close", () => {
    if (!far.writableFinished) near.destroy();
  });
  serve(Object.assign(far, { remoteAddress }));
  return near;
}

class BridgedExchange implements Http2StreamListener {
  readonly #stream: Http2Stream;
  readonly #request: ClientRequest;
  #answer: IncomingMessage | undefined;

  constructor(stream: Http2Stream, asked: ClientRequest) {
    this.#stream = stream;
    this.#request = asked;
    asked.on("response", (answer) => this.#onAnswer(answer));
    asked.on("error", this.#cutOff);
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
    this.#answer?.resume();
  }

  #onAnswer(answer: IncomingMessage): void {
    this.#answer = answer;
    this.#stream.sendHeaders([
      ":status",
      String(answer.statusCode),
      ...withoutConnectionHeaders(answer.rawHeaders),
    ]);
    answer.on("data", (chunk: Buffer) => {
      if (!this.#stream.sendData(emptyBytes, chunk)) answer.pause();
    });
    answer.on("end", () => {
      const { rawTrailers } = answer;
      this.#stream.end(rawTrailers.length > 0 ? withoutConnectionHeaders(rawTrailers) : undefined);
    });
    answer.on("error", this.#cutOff);
  }

  readonly #cutOff = (): void => this.#stream.reset(errorCode.internalError);
}

/** A request in the terms of HTTP/1.1. */
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

/** Of names and values in turn, those that go from one version of HTTP to the other. */
function withoutConnectionHeaders(raw: readonly string[]): string[] {
  const passed: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    if (!connectionHeaderPattern.test(name)) passed.push(name, raw[at + 1] ?? "");
  }
  return passed;
}
