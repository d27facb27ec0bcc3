import type { DescMessage, DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import { acceptedEncodings } from "../calls/compression.ts";
import { messagePrefixBytes } from "../calls/message-reader.ts";
import { encodeMessage, sendMessage } from "../calls/message-writer.ts";
import { addMetadata } from "../calls/metadata.ts";
import { methodPath } from "../calls/method-path.ts";
import { formatTimeout } from "../calls/timeout.ts";
import type { Http2Stream } from "../http2/stream.ts";

/** The settings of a transport that every request depends on. */
export type RequestWriterOptions = {
  readonly scheme: "http" | "https";
  readonly maxMessageBytes: number;
  /** Messages of at least this size are compressed with gzip; Infinity for none. */
  readonly compressMinBytes: number;
};

// As grpc-go.
const maxRepeatableBytes = 256 * 1024;

/**
 * Writes a call's request: the same bytes in each attempt. Messages are kept for another attempt until the response
 * begins or they are more than 256 KiB (gRFC A6, "Memory Management").
 */
export class RequestWriter {
  readonly signal: AbortSignal | undefined;
  readonly #method: DescMethod;
  readonly #options: RequestWriterOptions;
  readonly #header: Headers | undefined;
  readonly #deadline: number | undefined;
  #sentMessages: Uint8Array[] | undefined = [];
  #sentBytes = 0;
  #hasEnded = false;

  /** Throws a TypeError when the header is invalid. */
  constructor(
    method: DescMethod,
    options: RequestWriterOptions,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
  ) {
    this.#method = method;
    this.#options = options;
    this.signal = signal;
    if (header !== undefined) this.#header = new Headers(header);
    if (timeoutMs !== undefined && timeoutMs > 0) this.#deadline = performance.now() + timeoutMs;
  }

  get maxMessageBytes(): number {
    return this.#options.maxMessageBytes;
  }

  /** Milliseconds until the deadline, if there is one. */
  readonly remainingMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : this.#deadline - performance.now();

  /** The fields of the request. */
  headerFields(authority: string, timeoutMs: number | undefined): string[] {
    const { scheme, compressMinBytes } = this.#options;
    const fields = [":method", "POST", ":scheme", scheme, ":path", methodPath(this.#method)];
    fields.push(":authority", authority, "content-type", "application/grpc+proto");
    fields.push("te", "trailers", "grpc-accept-encoding", acceptedEncodings);
    if (compressMinBytes < Number.POSITIVE_INFINITY) fields.push("grpc-encoding", "gzip");
    if (timeoutMs !== undefined) fields.push("grpc-timeout", formatTimeout(timeoutMs));
    if (this.#header !== undefined) addMetadata(fields, this.#header);
    return fields;
  }

  /** Whether another attempt can send all that was sent. */
  get isRepeatable(): boolean {
    return this.#sentMessages !== undefined;
  }

  /** No other attempt will follow. */
  commit(): void {
    this.#sentMessages = undefined;
  }

  /** Encodes the only message of a call for `repeat`. Throws RESOURCE_EXHAUSTED when it is too large. */
  encodeSingle(init: MessageInitShape<DescMessage>): void {
    this.#sentMessages = [this.#encode(init)];
    this.#hasEnded = true;
  }

  /** Sends on another stream what earlier attempts have sent, or the only message. */
  repeat(stream: Http2Stream): void {
    const messages = this.#sentMessages ?? [];
    const last = this.#hasEnded ? messages.length - 1 : -1;
    for (const [at, message] of messages.entries()) this.#sendEncoded(stream, message, at === last);
    if (this.#hasEnded && messages.length === 0) stream.end();
  }

  /** Sends one message of several. False when the stream's queue is full. */
  send(stream: Http2Stream, init: MessageInitShape<DescMessage>): boolean {
    const message = this.#encode(init);
    this.#sentBytes += messagePrefixBytes + message.length;
    if (this.#sentBytes > maxRepeatableBytes) this.commit();
    this.#sentMessages?.push(message);
    return this.#sendEncoded(stream, message, false);
  }

  /** Ends the request. */
  end(stream: Http2Stream): void {
    this.#hasEnded = true;
    stream.end();
  }

  #sendEncoded(stream: Http2Stream, message: Uint8Array, isEnd: boolean): boolean {
    return sendMessage(stream, message, this.#options.compressMinBytes, isEnd);
  }

  #encode(init: MessageInitShape<DescMessage>): Uint8Array {
    return encodeMessage(this.#method.input, init, this.maxMessageBytes);
  }
}
