import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromHttpStatus } from "@connectrpc/connect/protocol-grpc";
import { isMessageEncoding } from "../calls/compression.ts";
import { deadlineExceeded, hasPassed, startDeadlineTimer } from "../calls/deadline.ts";
import { MessageReader } from "../calls/message-reader.ts";
import { lastFieldValue } from "../calls/metadata.ts";
import { errorFromReset, errorFromTrailers } from "../calls/trailers.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import { contentLengthOf, findFieldProblem } from "../http2/field-validation.ts";
import { errorCode } from "../http2/frames.ts";
import type { Http2Stream, Http2StreamListener } from "../http2/stream.ts";
import type { ResponseListener } from "./response-listener.ts";

const responsePseudoFields = [":status"];
// No gRPC server sends interim responses; without a limit they would keep a call open for ever.
const maxInterimResponses = 10;

/**
 * One attempt at a call: reads the response from a stream, and resets the stream when the caller or the
 * deadline ends the call.
 */
export class ClientCall implements Http2StreamListener {
  readonly #listener: ResponseListener;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly stream: Http2Stream;
  readonly reader: MessageReader;
  #header: HeaderFields | undefined;
  #interimResponseCount = 0;
  #isOver = false;

  constructor(
    stream: Http2Stream,
    listener: ResponseListener,
    maxMessageBytes: number,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ) {
    this.stream = stream;
    this.#listener = listener;
    this.reader = new MessageReader(stream, maxMessageBytes);
    this.#signal = signal;
    stream.listener = this;
    signal?.addEventListener("abort", this.#onAbortSignal);
    if (timeoutMs === undefined) return;
    this.#deadline = performance.now() + timeoutMs;
    this.#timer = startDeadlineTimer(timeoutMs, this.#onDeadline);
  }

  onHeaders(fields: HeaderFields, isEnd: boolean): void {
    const isTrailers = this.#header !== undefined;
    const problem = findFieldProblem(fields, isTrailers ? [] : responsePseudoFields);
    if (problem) this.#failProtocol(problem);
    else if (isTrailers) {
      if (isEnd) this.#onTrailers(fields);
      else this.#failProtocol("trailers that do not end the stream");
    } else this.#onResponseHeaders(fields, isEnd);
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    if (!this.#header) {
      this.#failProtocol("DATA before the headers");
      return;
    }
    try {
      this.reader.push(bytes);
      this.#listener.onBytes();
    } catch (error) {
      this.cancel(ConnectError.from(error, Code.Internal));
      return;
    }
    if (isEnd) this.#end(new ConnectError("the response ended without grpc-status", Code.Internal));
  }

  onAbort(code: number, message: string): void {
    // A call that has response headers was processed, whatever the error code means.
    const wasRefused = code === errorCode.refusedStream && !this.#header;
    this.#endEarly(errorFromReset(code, message), undefined, wasRefused);
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  /** Ends the call with an error, and resets the stream. */
  cancel(error: ConnectError): void {
    if (this.#isOver) return;
    this.reader.abandon();
    this.stream.reset(errorCode.cancel);
    this.#end(error);
  }

  /** Ends a call whose signal is aborted, or whose remaining time is used up, before it begins. */
  endIfExpired(timeoutMs: number | undefined): boolean {
    if (this.#signal?.aborted) this.#onAbortSignal();
    else if (timeoutMs !== undefined && timeoutMs <= 0) this.#onDeadline();
    return this.#isOver;
  }

  #onResponseHeaders(fields: HeaderFields, isEnd: boolean): void {
    const text = lastFieldValue(fields, ":status") ?? "";
    const status = Number(text);
    if (status >= 100 && status < 200 && !isEnd) {
      this.#interimResponseCount += 1;
      if (this.#interimResponseCount <= maxInterimResponses) return;
      this.#resetStream(errorCode.enhanceYourCalm, "too many interim responses");
      return;
    }
    if (!/^(?!1)\d{3}$/.test(text)) {
      this.#failProtocol("a response without :status");
      return;
    }
    const refusal = nonGrpcError(status, fields);
    // A server's own status says more than what a proxy made of it (gRPC's "HTTP to gRPC Status Code Mapping").
    if (isEnd && (!refusal || lastFieldValue(fields, "grpc-status") !== undefined))
      this.#onTrailers(fields);
    else if (refusal) this.cancel(refusal);
    else {
      this.#header = fields;
      this.#startReading(fields);
    }
  }

  #startReading(fields: HeaderFields): void {
    const length = contentLengthOf(fields);
    if (Number.isNaN(length)) {
      this.#failProtocol("a malformed content-length");
      return;
    }
    this.stream.remainingContentLength = length;
    const encoding = lastFieldValue(fields, "grpc-encoding")?.toLowerCase() ?? "identity";
    if (isMessageEncoding(encoding)) {
      this.reader.encoding = encoding;
      this.#listener.onHeaders(fields);
    } else {
      this.cancel(new ConnectError(`compression "${encoding}" is not supported`, Code.Internal));
    }
  }

  #onTrailers(fields: HeaderFields): void {
    const error = errorFromTrailers(this.#header, fields);
    if (error?.code === Code.Canceled) this.#endEarly(error, fields);
    else this.#end(error, fields);
  }

  /** Ends a call that was cut off: by its deadline, when that has passed, since a server's clock may be faster. */
  #endEarly(error: ConnectError, trailers?: HeaderFields, wasRefused = false): void {
    if (hasPassed(this.#deadline)) this.#end(deadlineExceeded(), trailers);
    else this.#end(error, trailers, wasRefused);
  }

  readonly #onAbortSignal = (): void => {
    this.cancel(ConnectError.from(this.#signal?.reason, Code.Canceled));
  };

  readonly #onDeadline = (): void => this.cancel(deadlineExceeded());

  /** The response is malformed. */
  #failProtocol(problem: string): void {
    this.#resetStream(errorCode.protocolError, `the response violates HTTP/2: ${problem}`);
  }

  #resetStream(code: number, message: string): void {
    this.stream.reset(code);
    this.#end(errorFromReset(code, message));
  }

  #end(error: ConnectError | undefined, trailers?: HeaderFields, wasRefused = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbortSignal);
    this.#listener.onEnd(error, trailers, wasRefused);
  }
}

function nonGrpcError(status: number, fields: HeaderFields): ConnectError | undefined {
  if (status !== 200) return new ConnectError(`HTTP ${status}`, codeFromHttpStatus(status));
  const type = lastFieldValue(fields, "content-type") ?? "";
  if (/^application\/grpc(\+proto)?\s*(;|$)/i.test(type)) return undefined;
  return new ConnectError(`unexpected content-type "${type}"`, Code.Unknown);
}
