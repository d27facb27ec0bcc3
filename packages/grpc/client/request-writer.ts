import type { DescMessage, DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import { acceptedEncodings } from "../calls/compression.ts";
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

/** Writes a call's request: the same bytes in each attempt. */
export class RequestWriter {
  readonly signal: AbortSignal | undefined;
  readonly #method: DescMethod;
  readonly #options: RequestWriterOptions;
  readonly #header: Headers | undefined;
  readonly #deadline: number | undefined;
  #singleMessage: Uint8Array | undefined;

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

  /** Encodes the only message of a call for `sendSingle`. Throws RESOURCE_EXHAUSTED when it is too large. */
  encodeSingle(init: MessageInitShape<DescMessage>): void {
    this.#singleMessage = this.#encode(init);
  }

  /** Sends the only message and ends the request. */
  sendSingle(stream: Http2Stream): void {
    sendMessage(
      stream,
      this.#singleMessage ?? new Uint8Array(),
      this.#options.compressMinBytes,
      true,
    );
  }

  /** Sends one message of several. False when the stream's queue is full. */
  send(stream: Http2Stream, init: MessageInitShape<DescMessage>): boolean {
    return sendMessage(stream, this.#encode(init), this.#options.compressMinBytes);
  }

  #encode(init: MessageInitShape<DescMessage>): Uint8Array {
    return encodeMessage(this.#method.input, init, this.maxMessageBytes);
  }
}
