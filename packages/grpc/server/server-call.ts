import { fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallContext } from "../calls/call-context.ts";
import { acceptedEncodings } from "../calls/compression.ts";
import { late } from "../calls/deadline.ts";
import { endIterator } from "../calls/iterator-close.ts";
import { cutOff, MessageQueue } from "../calls/message-queue.ts";
import { MessageReader } from "../calls/message-reader.ts";
import { encodeMessage, sendMessage } from "../calls/message-writer.ts";
import { addMetadata, metadataOf } from "../calls/metadata.ts";
import type { Answer, Route } from "../calls/routes.ts";
import { errorOfReset, errorTrailers, okTrailers } from "../calls/trailers.ts";
import type { Fields } from "../hpack/decoder.ts";
import { problemIn } from "../http2/field-validation.ts";
import { errorCode } from "../http2/frames.ts";
import type { Stream, StreamListener } from "../http2/stream.ts";
import type { Arriving, Unfinished } from "./receive-budget.ts";
import type { RequestHead } from "./request-headers.ts";

/** What a server has for all its calls. */
export type CallOptions = {
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  /** Answers of this size or more go out in gzip to callers that take it; Infinity for none. */
  readonly gzipFrom: number;
  /** How long the request of a method that takes one may be on its way; 0 for ever. */
  readonly requestMs: number;
  /** The error of a request that cannot be decoded. */
  readonly unreadable: () => ConnectError;
  readonly unfinished: Unfinished;
};

const plainHeaders: Fields = [":status", "200", "content-type", "application/grpc+proto"];
const gzipHeaders: Fields = [...plainHeaders, "grpc-encoding", "gzip"];

/** One call on a server, which is its handler's context as well. */
export class ServerCall extends CallContext implements StreamListener, Arriving {
  readonly #handle: Route["handle"];
  readonly #stream: Stream;
  readonly #fields: Fields;
  readonly #options: CallOptions;
  readonly #gzipFrom: number;
  readonly #reader: MessageReader;
  #requests: MessageQueue | undefined;
  /** When the clock has seen first that the request is on its way. */
  #arrivingSince: number | undefined;
  #isUnfinished = false;
  #hasBegun = false;
  #isRunning = false;
  #onRoom: (() => void) | undefined;
  #answers: AsyncIterator<unknown> | undefined;

  constructor(
    stream: Stream,
    fields: Fields,
    head: RequestHead,
    route: Route,
    options: CallOptions,
  ) {
    super(route.method, head.timeoutMs);
    this.#handle = route.handle;
    this.#stream = stream;
    this.#fields = fields;
    this.#options = options;
    this.#gzipFrom = head.takesGzip ? options.gzipFrom : Number.POSITIVE_INFINITY;
    this.#reader = new MessageReader(stream, options.maxRequestBytes);
    this.#reader.encoding = head.encoding;
    const { methodKind } = route.method;
    if (methodKind === "client_streaming" || methodKind === "bidi_streaming") {
      this.#requests = new MessageQueue(this.#reader, {
        parse: (bytes) => this.#parse(bytes),
        onReturn: () => undefined,
        onBroken: (error) => this.#fail(toConnectError(error)),
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
  onHeaders(trailers: Fields, isEnd: boolean): void {
    if (problemIn(trailers, []) === undefined) this.onData(nothing, isEnd);
    else {
      this.#stream.reset(errorCode.protocolError);
      this.#finish(new ConnectError("the trailers are malformed", Code.Internal));
    }
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    try {
      if (bytes.length > 0) this.#onBytes(bytes);
      if (isEnd) this.#endRequest();
      else this.#goOn();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  }

  onAbort(code: number, message: string): void {
    const isCancel = code === errorCode.cancel || code === errorCode.noError;
    const error = isCancel
      ? new ConnectError("the caller called it off", Code.Canceled)
      : errorOfReset(code, message);
    this.#finish(error);
  }

  onDrain(): void {
    const go = this.#onRoom;
    this.#onRoom = undefined;
    go?.();
  }

  /** Its clock starts at the first tick, so that requests which come at once need none. */
  onTick(now: number): void {
    const { requestMs } = this.#options;
    if (this.#requests || this.#stream.isRemoteOver || requestMs === 0) return;
    this.#arrivingSince ??= now;
    if (now - this.#arrivingSince > requestMs) this.#fail(tooSlow());
  }

  refuse(error: ConnectError): void {
    this.#fail(error);
  }

  #onBytes(chunk: Buffer): void {
    if (this.isOver) return;
    this.#reader.push(chunk);
    this.#requests?.wake();
  }

  /** The request has not ended: what is there of it counts, and more may come. */
  #goOn(): void {
    if (this.isOver) return;
    if (this.#requests) this.#count(this.#reader.unfinished);
    else {
      const size = this.#reader.ask();
      if (size > 0 && this.#reader.held > size) throw notOne("more than one request");
      // Clients on nghttp2 send no end, though it is empty, without any window.
      if (size > 0) this.#stream.expect(1);
      this.#count(this.#reader.held);
    }
  }

  #count(bytes: number): void {
    if (bytes === 0 && !this.#isUnfinished) return;
    this.#isUnfinished = bytes > 0;
    this.#options.unfinished.count(this, bytes);
  }

  #parse(bytes: Uint8Array): Message {
    try {
      return fromBinary(this.method.input, bytes);
    } catch {
      throw this.#options.unreadable();
    }
  }

  #endRequest(): void {
    if (this.isOver) return;
    this.#count(0);
    if (this.#requests) this.#requests.end();
    else this.#start(this.#onlyRequest());
  }

  // Not read before its end: decompressed it may take a thousand times what it does on its way.
  #onlyRequest(): Message {
    const bytes = this.#reader.take();
    if (!bytes) throw this.#reader.isEmpty ? notOne("the request is missing") : cutOff();
    if (!this.#reader.isEmpty) throw notOne("more than one request");
    return this.#parse(bytes);
  }

  #start(request: Message | AsyncIterable<Message>): void {
    this.#isRunning = true;
    try {
      const answer = this.#handle(request, this);
      if (this.#answersMany()) {
        void this.#sendAll(answer as AsyncIterable<Answer>);
      } else if (isPromise(answer)) answer.then(this.#sendOnly, this.#onError);
      else this.#sendOnly(answer);
    } catch (error) {
      this.#onError(error);
    }
  }

  readonly #sendOnly = (answer: unknown): void => {
    this.#stopRunning();
    if (this.isOver) return;
    try {
      this.#send(answer as Answer);
      this.#end();
    } catch (error) {
      this.#fail(toConnectError(error));
    }
  };

  async #sendAll(answers: AsyncIterable<Answer>): Promise<void> {
    try {
      const iterator = answers[Symbol.asyncIterator]();
      this.#answers = iterator;
      for (;;) {
        const next = await iterator.next();
        if (this.isOver || next.done) break;
        if (!this.#send(next.value)) await this.#room();
      }
      this.#stopRunning();
      if (!this.isOver) this.#end();
    } catch (error) {
      this.#onError(error);
    }
  }

  #answersMany(): boolean {
    const { methodKind } = this.method;
    return methodKind === "server_streaming" || methodKind === "bidi_streaming";
  }

  /** Settles when the queue has room again or the call is over. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  #send(answer: Answer): boolean {
    const bytes = encodeMessage(this.method.output, answer, this.#options.maxMessageBytes);
    this.#begin();
    return sendMessage(this.#stream, bytes, this.#gzipFrom);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const head = this.#gzipFrom < Number.POSITIVE_INFINITY ? gzipHeaders : plainHeaders;
    if (!this.givenHeader) {
      this.#stream.sendHeaders(head);
      return;
    }
    const fields = [...head];
    addMetadata(fields, this.givenHeader);
    this.#stream.sendHeaders(fields);
  }

  #end(): void {
    this.#begin();
    this.#stream.end(okTrailers(this.givenTrailer));
    this.#finish(undefined);
  }

  /** The handler has failed. */
  readonly #onError = (error: unknown): void => {
    this.#stopRunning();
    this.#fail(toConnectError(error));
  };

  #stopRunning(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    if (this.isOver) this.#stream.orphan(-1);
  }

  /**
   * Answers the error. A unary call that has not answered yet gets it alone ("Trailers-Only"); a stream
   * begins before it fails, so that its caller sees the headers in either case.
   */
  #fail(error: ConnectError): void {
    if (this.isOver) return;
    const trailers = errorTrailers(error, this.givenTrailer);
    if (this.method.methodKind !== "unary") this.#begin();
    if (this.#hasBegun) this.#stream.end(trailers);
    else {
      const fields = [...plainHeaders];
      if (this.givenHeader) addMetadata(fields, this.givenHeader);
      if (error.code === Code.Unimplemented) fields.push("grpc-accept-encoding", acceptedEncodings);
      this.#stream.sendHeaders([...fields, ...trailers], true);
    }
    this.#finish(error);
  }

  protected override readHeader(): Headers {
    return metadataOf(this.#fields);
  }

  protected override onDeadline(): void {
    this.#fail(late());
  }

  /** Lets go of everything: nobody waits for the call any more. */
  #finish(error: ConnectError | undefined): void {
    if (this.isOver) return;
    this.stop(error);
    this.#count(0);
    if (this.#isRunning) this.#stream.orphan(1);
    this.#requests?.end(error ?? new ConnectError("the call is over", Code.Canceled));
    this.abort();
    if (error && this.#answers) void endIterator(this.#answers);
    this.onDrain();
  }
}

const nothing = Buffer.alloc(0);

/** The error of a request that cannot be decoded. */
export function undecodable(): ConnectError {
  return new ConnectError("the request cannot be decoded", Code.InvalidArgument);
}

const tooSlow = () => new ConnectError("the request did not arrive in time", Code.DeadlineExceeded);

const notOne = (problem: string) => new ConnectError(problem, Code.Unimplemented);

// What went wrong inside is not for the caller to read.
function toConnectError(cause: unknown): ConnectError {
  if (cause instanceof ConnectError) return cause;
  return new ConnectError("internal error", Code.Internal, undefined, undefined, cause);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
