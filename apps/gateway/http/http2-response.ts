import { type OutgoingHttpHeader, type OutgoingHttpHeaders, validateHeaderValue } from "node:http";
import { Writable } from "node:stream";
import type { Http2Stream } from "@plaza/grpc/http2";
import { errorCode } from "@plaza/grpc/http2";
import type { HttpResponse } from "./http-message.ts";
import type { Http2Request } from "./http2-request.ts";

const noPrefix = new Uint8Array();

/**
 * How long the end of a response waits for the rest of its request: the stream is reset with it, and clients on nghttp2,
 * such as Node's, drop a response that they read together with the reset.
 */
const requestEndTimeoutMs = 50;

/** Fields that HTTP/2 has no use for (RFC 9113, section 8.2.2). */
const connectionFields = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** The response on a stream of HTTP/2. As over HTTP/1.1, its headers leave with its first bytes, or its end. */
export class Http2Response extends Writable implements HttpResponse {
  statusCode = 200;
  headersSent = false;
  readonly #stream: Http2Stream;
  readonly #request: Http2Request;
  readonly #headers = new Map<string, OutgoingHttpHeader>();
  #trailers: string[] | undefined;
  #hasBegun = false;
  #resume: (() => void) | undefined;
  #endTimer: NodeJS.Timeout | undefined;

  constructor(stream: Http2Stream, request: Http2Request) {
    super();
    this.#stream = stream;
    this.#request = request;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  setHeader(name: string, value: OutgoingHttpHeader): void {
    for (const one of [value].flat()) validateHeaderValue(name, String(one));
    this.#headers.set(name.toLowerCase(), value);
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.setHeader(name, value);
    }
    this.headersSent = true;
    return this;
  }

  addTrailers(trailers: OutgoingHttpHeaders): void {
    this.#trailers = Object.entries(trailers).flatMap(([name, value]) =>
      toFields(name, value ?? []),
    );
  }

  /** The stream takes more bytes. */
  onDrain(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#begin(false);
    if (this.#request.method === "HEAD" || this.#stream.sendData(noPrefix, chunk)) callback();
    else this.#resume = callback;
  }

  override _final(callback: () => void): void {
    this.#begin(this.#trailers === undefined && this.#request.complete);
    if (this.#request.complete) this.#end();
    else this.#endTimer = setTimeout(this.#end, requestEndTimeoutMs);
    callback();
  }

  /** The request is complete. */
  onRequestEnd(): void {
    if (this.#endTimer) this.#end();
  }

  readonly #end = (): void => {
    clearTimeout(this.#endTimer);
    this.#stream.end(this.#trailers);
  };

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.writableFinished) this.#stream.reset(errorCode.internalError);
    // As over HTTP/1.1, who does not listen hears nothing of errors.
    callback(this.listenerCount("error") > 0 ? error : null);
  }

  #begin(isEnd: boolean): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.headersSent = true;
    const fields = [":status", String(this.statusCode), "date", new Date().toUTCString()];
    for (const [name, value] of this.#headers) {
      if (!connectionFields.has(name)) fields.push(...toFields(name, value));
    }
    this.#stream.sendHeaders(fields, isEnd);
  }
}

function toFields(name: string, value: OutgoingHttpHeader): string[] {
  return [value].flat().flatMap((one) => [name, String(one)]);
}
