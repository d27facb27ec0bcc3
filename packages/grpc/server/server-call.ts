import { fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallContext } from "../calls/call-context.ts";
import { deadlineExceeded } from "../calls/deadline.ts";
import { closeIterator } from "../calls/iterator-close.ts";
import { messageTruncated, wrongRequestCount } from "../calls/message-errors.ts";
import { MessageQueue } from "../calls/message-queue.ts";
import { type HeldBytesListener, MessageReader } from "../calls/message-reader.ts";
import { encodeMessage, sendMessage } from "../calls/message-writer.ts";
import { metadataOf } from "../calls/metadata.ts";
import { isClientStreaming, isServerStreaming } from "../calls/method-cardinality.ts";
import type { ResponseMessageInit, Route } from "../calls/routes.ts";
import { fitStatus } from "../calls/status-size.ts";
import { errorFromReset, errorTrailers, okTrailers } from "../calls/trailers.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import { findFieldProblem } from "../http2/field-validation.ts";
import { errorCode } from "../http2/frames.ts";
import type { Http2Stream, Http2StreamListener } from "../http2/stream.ts";
import type { PendingReceive } from "./receive-budget.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { errorOnlyFields, responseFields } from "./response-fields.ts";
import type { ServerCallOptions } from "./server-call-options.ts";

/** One call on a server; also the context of its handler. */
export class ServerCall
  extends CallContext
  implements Http2StreamListener, HeldBytesListener, PendingReceive
{
  readonly #handle: Route["handle"];
  readonly #stream: Http2Stream;
  readonly #fields: HeaderFields;
  readonly #options: ServerCallOptions;
  readonly #compressMinBytes: number;
  readonly #reader: MessageReader;
  #requests: MessageQueue | undefined;
  /** The time of the first tick at which the request was incomplete. */
  #arrivingSince: number | undefined;
  #isCounted = false;
  #hasSentHeaders = false;
  #isRunning = false;
  #resumeSending: (() => void) | undefined;
  #responses: AsyncIterator<unknown> | undefined;

  constructor(
    stream: Http2Stream,
    fields: HeaderFields,
    head: RequestHeaders,
    route: Route,
    options: ServerCallOptions,
  ) {
    super(route.method, head.timeoutMs);
    this.#handle = route.handle;
    this.#stream = stream;
    this.#fields = fields;
    this.#options = options;
    this.#compressMinBytes = head.acceptsGzip ? options.compressMinBytes : Number.POSITIVE_INFINITY;
    this.#reader = new MessageReader(stream, options.maxRequestBytes, this);
    this.#reader.encoding = head.encoding;
    if (isClientStreaming(route.method)) {
      this.#requests = new MessageQueue(this.#reader, {
        parse: (bytes) => this.#parse(bytes),
        onReturn: () => undefined,
        onDecodeError: (error) => this.#fail(toConnectError(error)),
      });
      this.#start(this.#requests);
    }
  }

  override get url(): string {
    return `http://localhost/${this.service.typeName}/${this.method.name}`;
  }

  get remoteAddress(): string | undefined {
    return this.#stream.remoteAddress;
  }

  /** Trailers end the request; gRPC defines none for it. */
  onHeaders(trailers: HeaderFields, isEnd: boolean): void {
    if (findFieldProblem(trailers, []) === undefined) this.onData(emptyBuffer, isEnd);
    else {
      this.#stream.reset(errorCode.protocolError);
      this.#release(new ConnectError("the trailers are malformed", Code.Internal));
    }
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    try {
      if (bytes.length > 0) this.#onBytes(bytes);
      if (isEnd) this.#endRequest();
      else if (!this.#requests && !this.isOver) this.#onPartialRequest();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  }

  onAbort(code: number, message: string): void {
    const isCancel = code === errorCode.cancel || code === errorCode.noError;
    const error = isCancel
      ? new ConnectError("the client cancelled the call", Code.Canceled)
      : errorFromReset(code, message);
    this.#release(this.hasDeadlinePassed ? deadlineExceeded() : error);
  }

  onDrain(): void {
    const resume = this.#resumeSending;
    this.#resumeSending = undefined;
    resume?.();
  }

  /** The request timer starts at the first tick, so that requests arriving at once cost no timer. */
  onTick(now: number): void {
    const { requestTimeoutMs } = this.#options;
    if (this.#requests || this.#stream.isRemoteEnded || requestTimeoutMs === 0) return;
    this.#arrivingSince ??= now;
    if (now - this.#arrivingSince > requestTimeoutMs) this.#fail(requestTimedOut());
  }

  reject(error: ConnectError): void {
    this.#fail(error);
  }

  #onBytes(chunk: Buffer): void {
    if (this.isOver) return;
    this.#reader.push(chunk);
    this.#requests?.onBytes();
  }

  /** Lets the client send the rest of the only request. */
  #onPartialRequest(): void {
    const size = this.#reader.requestMessage();
    this.#requireOnlyRequest(size);
    // Clients on nghttp2 cannot send an empty END_STREAM frame without window.
    if (size > 0) this.#stream.growWindowTo(1);
  }

  onHeldBytes(bytes: number): void {
    if (!this.isOver) this.#countHeld(bytes);
  }

  /** Counts received bytes towards the receive budget. */
  #countHeld(bytes: number): void {
    if (bytes === 0 && !this.#isCounted) return;
    this.#isCounted = bytes > 0;
    this.#options.receiveBudget.record(this, bytes);
  }

  #parse(bytes: Uint8Array): Message {
    try {
      return fromBinary(this.method.input, bytes);
    } catch {
      throw this.#options.decodeError();
    }
  }

  #endRequest(): void {
    if (this.isOver) return;
    if (this.#requests) this.#requests.end();
    else this.#startWithSingle(this.#readSingleRequest());
  }

  // Read once it is complete, since decompression may expand it a thousandfold.
  #readSingleRequest(): Uint8Array | Promise<Uint8Array> {
    const reader = this.#reader;
    if (reader.isEmpty) throw wrongRequestCount("the request is missing");
    this.#requireOnlyRequest(reader.requestMessage());
    const bytes = reader.readMessage();
    if (!bytes) throw messageTruncated();
    return bytes;
  }

  /** `size`: the length of the first message, or 0 while it is incomplete. */
  #requireOnlyRequest(size: number): void {
    if (size > 0 && this.#reader.bufferedBytes > size)
      throw wrongRequestCount("the method takes one request, but received more");
  }

  #startWithSingle(bytes: Uint8Array | Promise<Uint8Array>): void {
    if (!(bytes instanceof Promise)) this.#start(this.#parse(bytes));
    else {
      const start = (plain: Uint8Array) => {
        if (!this.isOver) this.#start(this.#parse(plain));
      };
      bytes.then(start).catch((error: unknown) => this.#fail(toConnectError(error)));
    }
  }

  #start(request: Message | AsyncIterable<Message>): void {
    this.#isRunning = true;
    try {
      const response = this.#handle(request, this);
      if (isServerStreaming(this.method)) {
        void this.#sendAll(response as AsyncIterable<ResponseMessageInit>);
      } else if (isPromise(response)) response.then(this.#sendSingle, this.#onHandlerError);
      else this.#sendSingle(response);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  readonly #sendSingle = (response: unknown): void => {
    this.#stopRunning();
    if (this.isOver) return;
    try {
      this.#send(response as ResponseMessageInit);
      this.#end();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  };

  async #sendAll(responses: AsyncIterable<ResponseMessageInit>): Promise<void> {
    try {
      const iterator = responses[Symbol.asyncIterator]();
      this.#responses = iterator;
      for (;;) {
        const next = await iterator.next();
        if (this.isOver || next.done) break;
        if (!this.#send(next.value)) await this.#waitForDrain();
      }
      this.#stopRunning();
      if (!this.isOver) this.#end();
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  /** Settles when the send queue has room again or the call has ended. */
  #waitForDrain(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumeSending = resolve;
    });
  }

  #send(response: ResponseMessageInit): boolean {
    const bytes = encodeMessage(this.method.output, response, this.#options.maxMessageBytes);
    this.#sendHeadersOnce();
    return sendMessage(this.#stream, bytes, this.#compressMinBytes);
  }

  #sendHeadersOnce(): void {
    if (this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    const isGzip = this.#compressMinBytes < Number.POSITIVE_INFINITY;
    this.#stream.sendHeaders(responseFields(isGzip, this.existingResponseHeader));
  }

  #end(): void {
    this.#sendHeadersOnce();
    this.#stream.end(okTrailers(this.existingResponseTrailer));
    this.#release(undefined);
  }

  readonly #onHandlerError = (error: unknown): void => {
    this.#stopRunning();
    this.#fail(toConnectError(error));
  };

  #stopRunning(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    if (this.isOver) this.#stream.countOrphan(-1);
  }

  /**
   * Ends the call with an error. A unary call without headers gets it alone ("Trailers-Only"); a stream begins
   * before it fails, so that its caller sees the headers in either case.
   */
  #fail(cause: ConnectError): void {
    if (this.isOver) return;
    // A handler that is cancelled because the same deadline has ended a call of its own.
    const isLate = cause.code === Code.Canceled && this.hasDeadlinePassed;
    const error = isLate ? deadlineExceeded() : cause;
    if (this.method.methodKind !== "unary") this.#sendHeadersOnce();
    const { existingResponseHeader: header, existingResponseTrailer: trailer } = this;
    const { maxSentHeaderListBytes } = this.#stream;
    if (this.#hasSentHeaders)
      this.#stream.end(fitStatus(errorTrailers(error, trailer), maxSentHeaderListBytes));
    else {
      const fields = errorOnlyFields(error, header, trailer);
      this.#stream.sendHeaders(fitStatus(fields, maxSentHeaderListBytes), true);
    }
    this.#release(error);
  }

  protected override readRequestHeader(): Headers {
    return metadataOf(this.#fields);
  }

  protected override onDeadline(): void {
    this.#fail(deadlineExceeded());
  }

  /** The call is over: stops the timer, aborts the handler, frees what the call holds. */
  #release(error: ConnectError | undefined): void {
    if (this.isOver) return;
    this.stopClock(error);
    this.#countHeld(0);
    if (error) this.#reader.abandon();
    if (this.#isRunning) this.#stream.countOrphan(1);
    this.#requests?.end(error ?? new ConnectError("the call has ended", Code.Canceled));
    this.abort();
    if (error && this.#responses) void closeIterator(this.#responses);
    this.onDrain();
  }
}

const emptyBuffer = Buffer.alloc(0);

const requestTimedOut = () =>
  new ConnectError("the request did not arrive in time", Code.DeadlineExceeded);

// Callers do not see the causes of internal errors.
function toConnectError(cause: unknown): ConnectError {
  if (cause instanceof ConnectError) return cause;
  return new ConnectError("internal error", Code.Internal, undefined, undefined, cause);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
