import { fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallContext } from "../calls/call-context.ts";
import { acceptedEncodings } from "../calls/compression.ts";
import { deadlineExceeded } from "../calls/deadline.ts";
import { closeIterator } from "../calls/iterator-close.ts";
import { MessageQueue, messageTruncated } from "../calls/message-queue.ts";
import { MessageReader } from "../calls/message-reader.ts";
import { encodeMessage, sendMessage } from "../calls/message-writer.ts";
import { addMetadata, metadataOf } from "../calls/metadata.ts";
import type { ResponseMessageInit, Route } from "../calls/routes.ts";
import { errorFromReset, errorTrailers, okTrailers } from "../calls/trailers.ts";
import type { HeaderFields } from "../hpack/decoder.ts";
import { findFieldProblem } from "../http2/field-validation.ts";
import { errorCode } from "../http2/frames.ts";
import type { Http2Stream, Http2StreamListener } from "../http2/stream.ts";
import type { PendingReceive, ReceiveBudget } from "./receive-budget.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** What a server has for all its calls. */
export type ServerCallOptions = {
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  /** Answers of this size or more go out in gzip to callers that take it; Infinity for none. */
  readonly compressMinBytes: number;
  /** How long the request of a method that takes one may be on its way; 0 for ever. */
  readonly requestTimeoutMs: number;
  /** The error of a request that cannot be decoded. */
  readonly decodeError: () => ConnectError;
  readonly receiveBudget: ReceiveBudget;
};

const responseFields: HeaderFields = [":status", "200", "content-type", "application/grpc+proto"];
const gzipResponseFields: HeaderFields = [...responseFields, "grpc-encoding", "gzip"];

/** One call on a server, which is its handler's context as well. */
export class ServerCall extends CallContext implements Http2StreamListener, PendingReceive {
  readonly #handle: Route["handle"];
  readonly #stream: Http2Stream;
  readonly #fields: HeaderFields;
  readonly #options: ServerCallOptions;
  readonly #compressMinBytes: number;
  readonly #reader: MessageReader;
  #requests: MessageQueue | undefined;
  /** When the clock has seen first that the request is on its way. */
  #arrivingSince: number | undefined;
  #isPartial = false;
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
    this.#reader = new MessageReader(stream, options.maxRequestBytes);
    this.#reader.encoding = head.encoding;
    const { methodKind } = route.method;
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
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

  /** The request ends with trailers, of which gRPC knows none. */
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
      else this.#onPartialRequest();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  }

  onAbort(code: number, message: string): void {
    const isCancel = code === errorCode.cancel || code === errorCode.noError;
    const error = isCancel
      ? new ConnectError("the caller called it off", Code.Canceled)
      : errorFromReset(code, message);
    this.#release(error);
  }

  onDrain(): void {
    const go = this.#resumeSending;
    this.#resumeSending = undefined;
    go?.();
  }

  /** Its clock starts at the first tick, so that requests which come at once need none. */
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

  /** The request has not ended: what is there of it counts, and more may come. */
  #onPartialRequest(): void {
    if (this.isOver) return;
    if (this.#requests) this.#recordPartialBytes(this.#reader.partialBytes);
    else {
      const size = this.#reader.requestMessage();
      if (size > 0 && this.#reader.bufferedBytes > size)
        throw wrongRequestCount("more than one request");
      // Clients on nghttp2 send no end, though it is empty, without any window.
      if (size > 0) this.#stream.growWindowTo(1);
      this.#recordPartialBytes(this.#reader.bufferedBytes);
    }
  }

  #recordPartialBytes(bytes: number): void {
    if (bytes === 0 && !this.#isPartial) return;
    this.#isPartial = bytes > 0;
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
    this.#recordPartialBytes(0);
    if (this.#requests) this.#requests.end();
    else this.#start(this.#readSingleRequest());
  }

  // Not read before its end: decompressed it may take a thousand times what it does on its way.
  #readSingleRequest(): Message {
    const bytes = this.#reader.readMessage();
    if (!bytes)
      throw this.#reader.isEmpty ? wrongRequestCount("the request is missing") : messageTruncated();
    if (!this.#reader.isEmpty) throw wrongRequestCount("more than one request");
    return this.#parse(bytes);
  }

  #start(request: Message | AsyncIterable<Message>): void {
    this.#isRunning = true;
    try {
      const answer = this.#handle(request, this);
      if (this.#isServerStreaming()) {
        void this.#sendAll(answer as AsyncIterable<ResponseMessageInit>);
      } else if (isPromise(answer)) answer.then(this.#sendSingle, this.#onHandlerError);
      else this.#sendSingle(answer);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  readonly #sendSingle = (answer: unknown): void => {
    this.#stopRunning();
    if (this.isOver) return;
    try {
      this.#send(answer as ResponseMessageInit);
      this.#end();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  };

  async #sendAll(answers: AsyncIterable<ResponseMessageInit>): Promise<void> {
    try {
      const iterator = answers[Symbol.asyncIterator]();
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

  #isServerStreaming(): boolean {
    const { methodKind } = this.method;
    return methodKind === "server_streaming" || methodKind === "bidi_streaming";
  }

  /** Settles when the queue has room again or the call is over. */
  #waitForDrain(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumeSending = resolve;
    });
  }

  #send(answer: ResponseMessageInit): boolean {
    const bytes = encodeMessage(this.method.output, answer, this.#options.maxMessageBytes);
    this.#sendHeadersOnce();
    return sendMessage(this.#stream, bytes, this.#compressMinBytes);
  }

  #sendHeadersOnce(): void {
    if (this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    const head =
      this.#compressMinBytes < Number.POSITIVE_INFINITY ? gzipResponseFields : responseFields;
    if (!this.existingResponseHeader) {
      this.#stream.sendHeaders(head);
      return;
    }
    const fields = [...head];
    addMetadata(fields, this.existingResponseHeader);
    this.#stream.sendHeaders(fields);
  }

  #end(): void {
    this.#sendHeadersOnce();
    this.#stream.end(okTrailers(this.existingResponseTrailer));
    this.#release(undefined);
  }

  /** The handler has failed. */
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
   * Answers the error. A unary call that has not answered yet gets it alone ("Trailers-Only"); a stream
   * begins before it fails, so that its caller sees the headers in either case.
   */
  #fail(error: ConnectError): void {
    if (this.isOver) return;
    const trailers = errorTrailers(error, this.existingResponseTrailer);
    if (this.method.methodKind !== "unary") this.#sendHeadersOnce();
    if (this.#hasSentHeaders) this.#stream.end(trailers);
    else {
      const fields = [...responseFields];
      if (this.existingResponseHeader) addMetadata(fields, this.existingResponseHeader);
      if (error.code === Code.Unimplemented) fields.push("grpc-accept-encoding", acceptedEncodings);
      this.#stream.sendHeaders([...fields, ...trailers], true);
    }
    this.#release(error);
  }

  protected override readRequestHeader(): Headers {
    return metadataOf(this.#fields);
  }

  protected override onDeadline(): void {
    this.#fail(deadlineExceeded());
  }

  /** Lets go of everything: nobody waits for the call any more. */
  #release(error: ConnectError | undefined): void {
    if (this.isOver) return;
    this.stopClock(error);
    this.#recordPartialBytes(0);
    if (this.#isRunning) this.#stream.countOrphan(1);
    this.#requests?.end(error ?? new ConnectError("the call is over", Code.Canceled));
    this.abort();
    if (error && this.#responses) void closeIterator(this.#responses);
    this.onDrain();
  }
}

const emptyBuffer = Buffer.alloc(0);

/** The error of a request that cannot be decoded. */
export function requestUndecodable(): ConnectError {
  return new ConnectError("the request cannot be decoded", Code.InvalidArgument);
}

const requestTimedOut = () =>
  new ConnectError("the request did not arrive in time", Code.DeadlineExceeded);

const wrongRequestCount = (problem: string) => new ConnectError(problem, Code.Unimplemented);

// What went wrong inside is not for the caller to read.
function toConnectError(cause: unknown): ConnectError {
  if (cause instanceof ConnectError) return cause;
  return new ConnectError("internal error", Code.Internal, undefined, undefined, cause);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
