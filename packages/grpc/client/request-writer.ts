import type { DescMessage, DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import { acceptedEncodings } from "../calls/compression.ts";
import { encodeMessage, sendMessage } from "../calls/message-writer.ts";
import { addMetadata } from "../calls/metadata.ts";
import { pathOf } from "../calls/routes.ts";
import { formatTimeout } from "../calls/timeout.ts";
import type { Stream } from "../http2/stream.ts";

/** What a transport sends with every call. */
export type SendOptions = {
  readonly scheme: "http" | "https";
  readonly maxMessageBytes: number;
  /** Messages of this size or more go out in gzip; Infinity for none. */
  readonly gzipFrom: number;
};

/** What a call sends, the same in each attempt. */
export class Outgoing {
  readonly signal: AbortSignal | undefined;
  readonly #method: DescMethod;
  readonly #options: SendOptions;
  readonly #header: Headers | undefined;
  readonly #deadline: number | undefined;
  #only: Uint8Array | undefined;

  /** Throws a TypeError when the header has what no header may have. */
  constructor(
    method: DescMethod,
    options: SendOptions,
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
  readonly timeLeft = (): number | undefined =>
    this.#deadline === undefined ? undefined : this.#deadline - performance.now();

  /** The fields of the request. */
  fields(authority: string, timeoutMs: number | undefined): string[] {
    const { scheme, gzipFrom } = this.#options;
    const fields = [":method", "POST", ":scheme", scheme, ":path", pathOf(this.#method)];
    fields.push(":authority", authority, "content-type", "application/grpc+proto");
    fields.push("te", "trailers", "grpc-accept-encoding", acceptedEncodings);
    if (gzipFrom < Number.POSITIVE_INFINITY) fields.push("grpc-encoding", "gzip");
    if (timeoutMs !== undefined) fields.push("grpc-timeout", formatTimeout(timeoutMs));
    if (this.#header !== undefined) addMetadata(fields, this.#header);
    return fields;
  }

  /** Keeps the one message of a call for `sendOnly`. Throws RESOURCE_EXHAUSTED when it is too large. */
  keep(init: MessageInitShape<DescMessage>): void {
    this.#only = this.#encode(init);
  }

  /** Sends the one message, and the end. */
  sendOnly(stream: Stream): void {
    sendMessage(stream, this.#only ?? new Uint8Array(), this.#options.gzipFrom, true);
  }

  /** Sends one message of several. False when the stream's queue is full. */
  send(stream: Stream, init: MessageInitShape<DescMessage>): boolean {
    return sendMessage(stream, this.#encode(init), this.#options.gzipFrom);
  }

  #encode(init: MessageInitShape<DescMessage>): Uint8Array {
    return encodeMessage(this.#method.input, init, this.maxMessageBytes);
  }
}
