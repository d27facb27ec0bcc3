import { Readable } from "node:stream";
import type { Http2Stream } from "@plaza/grpc/http2";
import type { HttpRequest } from "./http-message.ts";
import type { Http2Head } from "./http2-head.ts";

/** A request on a stream of HTTP/2. Its sender may send no more than a window ahead of its reader. */
export class Http2Request extends Readable implements HttpRequest {
  readonly httpVersion = "2.0";
  readonly httpVersionMajor = 2;
  readonly method: string;
  url: string;
  readonly headers: Http2Head["headers"];
  readonly socket: { readonly remoteAddress: string | undefined };
  complete: boolean;
  readonly #stream: Http2Stream;
  /** Bytes that were pushed beyond the high-water mark. */
  #aheadBytes = 0;

  constructor(stream: Http2Stream, { method, url, headers }: Http2Head, isEnd: boolean) {
    super();
    this.#stream = stream;
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.socket = { remoteAddress: stream.remoteAddress };
    this.complete = isEnd;
    if (isEnd) this.push(null);
  }

  /** Takes the next bytes of the body. */
  receive(bytes: Buffer, isEnd: boolean): void {
    if (isEnd) this.complete = true;
    if (this.destroyed) {
      this.#stream.consume(bytes.length);
      return;
    }
    if (bytes.length > 0) {
      if (this.push(bytes)) this.#stream.consume(bytes.length);
      else this.#aheadBytes += bytes.length;
    }
    if (isEnd) this.push(null);
  }

  override _read(): void {
    const bytes = this.#aheadBytes;
    this.#aheadBytes = 0;
    if (bytes > 0) this.#stream.consume(bytes);
  }

  /** As over HTTP/1.1, who does not listen hears nothing of errors. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    callback(this.listenerCount("error") > 0 ? error : null);
  }
}
