import type { HeaderFields, Http2Stream, Http2StreamListener } from "@plaza/grpc/http2";
import { errorCode, findFieldProblem } from "@plaza/grpc/http2";
import type { HttpHandler } from "./http-message.ts";
import { readHttp2Head } from "./http2-head.ts";
import { Http2Request } from "./http2-request.ts";
import { Http2Response } from "./http2-response.ts";

const noBytes = Buffer.alloc(0);

/**
 * Hands a request on a stream of @plaza/grpc's server to the handler that serves HTTP/1.1 too. A head that is
 * not valid gets 400, an expectation other than 100-continue 417 (RFC 9110, section 10.1.1).
 */
export function serveHttp2Stream(
  stream: Http2Stream,
  fields: HeaderFields,
  isEnd: boolean,
  handle: HttpHandler,
): void {
  const head = readHttp2Head(fields);
  const expect = head?.headers.expect ?? "100-continue";
  if (!head || !/^100-continue$/i.test(expect)) {
    stream.sendHeaders([":status", head ? "417" : "400"], true);
    return;
  }
  const request = new Http2Request(stream, head, isEnd);
  const response = new Http2Response(stream, request);
  stream.listener = new ExchangeListener(stream, request, response);
  // What is unread of a request whose response is complete is not needed (RFC 9113, section 8.1).
  response.once("close", () => request.destroy());
  if (head.headers.expect !== undefined && !isEnd) stream.sendHeaders([":status", "100"]);
  handle(request, response);
}

class ExchangeListener implements Http2StreamListener {
  readonly #stream: Http2Stream;
  readonly #request: Http2Request;
  readonly #response: Http2Response;

  constructor(stream: Http2Stream, request: Http2Request, response: Http2Response) {
    this.#stream = stream;
    this.#request = request;
    this.#response = response;
  }

  /** Trailers, of which no request of ours has a use, end the body. */
  onHeaders(trailers: HeaderFields): void {
    if (findFieldProblem(trailers, []) === undefined) this.onData(noBytes, true);
    else {
      this.#stream.reset(errorCode.protocolError);
      this.onAbort();
    }
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    this.#request.receive(bytes, isEnd);
    if (isEnd) this.#response.onRequestEnd();
  }

  onAbort(): void {
    this.#request.destroy();
    this.#response.destroy();
  }

  onDrain(): void {
    this.#response.onDrain();
  }
}
