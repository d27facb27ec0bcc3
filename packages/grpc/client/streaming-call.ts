import type {
  DescMessage,
  DescMethodStreaming,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import { closeIterator } from "../calls/iterator-close.ts";
import { tooManyResponses } from "../calls/message-errors.ts";
import { MessageQueue } from "../calls/message-queue.ts";
import { metadataOf } from "../calls/metadata.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { ClientCall } from "./client-call.ts";
import type { RequestWriter } from "./request-writer.ts";
import { decodeResponse } from "./response-decoding.ts";
import type { ResponseListener } from "./response-listener.ts";
import type { RetriableCall, RetryingCall } from "./retrying-call.ts";

type RequestMessageInit = MessageInitShape<DescMessage>;

/**
 * A call with a stream in either direction, or both. It settles when the response begins. Until then the messages
 * sent are kept, so that another attempt can repeat them.
 */
export class StreamingCall implements ResponseListener, RetriableCall {
  readonly #method: DescMethodStreaming;
  readonly #retryingCall: RetryingCall;
  readonly #request: RequestWriter;
  readonly #input: AsyncIterator<RequestMessageInit>;
  #messages: MessageQueue | undefined;
  readonly #trailer = new Headers();
  #resolve: (response: StreamResponse) => void = () => undefined;
  #reject: (error: ConnectError) => void = () => undefined;
  /** The attempt that is under way. */
  #call: ClientCall | undefined;
  #isSending = false;
  /** Why the call fails, though no attempt was under way. */
  #inputError: ConnectError | undefined;
  #hasResponse = false;
  #isOver = false;
  #resumeSending: (() => void) | undefined;

  constructor(
    method: DescMethodStreaming,
    retryingCall: RetryingCall,
    request: RequestWriter,
    input: AsyncIterable<RequestMessageInit>,
  ) {
    this.#method = method;
    this.#retryingCall = retryingCall;
    this.#request = request;
    this.#input = input[Symbol.asyncIterator]();
  }

  run(): Promise<StreamResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#method.methodKind !== "server_streaming") this.#attempt();
      else this.#encodeSingleRequest().then(() => this.#attempt(), reject);
    });
  }

  onHeaders(fields: HeaderFields): void {
    this.#request.commit();
    this.#retryingCall.onResponseStarted();
    this.#resolve({
      stream: true,
      service: this.#method.parent,
      method: this.#method,
      header: metadataOf(fields),
      trailer: this.#trailer,
      message: this.#messages,
    } as StreamResponse);
  }

  onBytes(): void {
    this.#messages?.onBytes();
  }

  onDrain(): void {
    const resume = this.#resumeSending;
    this.#resumeSending = undefined;
    resume?.();
  }

  onEnd(
    error: ConnectError | undefined,
    trailers: HeaderFields | undefined,
    wasRefused: boolean,
  ): void {
    this.#call = undefined;
    if (this.#retryingCall.finishAttempt(error, wasRefused && this.#request.isRepeatable)) {
      this.#attempt();
      return;
    }
    this.#isOver = true;
    if (trailers) {
      metadataOf(trailers).forEach((value, name) => {
        this.#trailer.set(name, value);
      });
    }
    // Without effect once the response has begun: then the reader of the messages gets the error.
    if (error) this.#reject(error);
    else this.onHeaders([]);
    this.#messages?.end(error);
    this.onDrain();
    void closeIterator(this.#input);
  }

  /** Encodes the request of a call that has only one, so that attempts can repeat it. */
  async #encodeSingleRequest(): Promise<void> {
    const only = await this.#input.next();
    if (only.done) throw new ConnectError("the request is missing", Code.Unimplemented);
    this.#request.encodeSingle(only.value);
  }

  #attempt(): void {
    this.#retryingCall.startAttempt(this, this.#request.remainingMs);
  }

  onStream(stream: Http2Stream, authority: string): void {
    const { signal, remainingMs, maxMessageBytes } = this.#request;
    const timeoutMs = remainingMs();
    const call = new ClientCall(stream, this, maxMessageBytes, signal, timeoutMs);
    this.#messages = new MessageQueue(call.reader, {
      parse: (bytes) => this.#parse(bytes),
      onReturn: () => call.cancel(responseAbandoned()),
      onDecodeError: (error) => call.cancel(ConnectError.from(error, Code.Internal)),
    });
    this.#call = call;
    if (call.endIfExpired(timeoutMs)) return;
    if (this.#inputError) {
      call.cancel(this.#inputError);
      return;
    }
    stream.sendHeaders(this.#request.headerFields(authority, timeoutMs));
    // Another attempt has begun.
    if (stream.isClosed) return;
    this.#request.repeat(stream);
    if (this.#isSending) this.onDrain();
    else if (this.#method.methodKind !== "server_streaming") void this.#sendAll();
  }

  #parse(bytes: Uint8Array): Message {
    if (this.#hasResponse && this.#method.methodKind === "client_streaming")
      throw tooManyResponses();
    this.#hasResponse = true;
    return decodeResponse(this.#method, bytes);
  }

  /** Sends the input, on whichever attempt is under way. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      for (;;) {
        const next = await this.#input.next();
        while (!this.#call && !this.#isOver) await this.#waitForDrain();
        if (!this.#call) return;
        const { stream } = this.#call;
        if (next.done) {
          this.#request.end(stream);
          return;
        }
        if (!this.#request.send(stream, next.value)) await this.#waitForDrain();
      }
    } catch (error) {
      this.#inputError = ConnectError.from(error, Code.Aborted);
      this.#call?.cancel(this.#inputError);
    }
  }

  /** Settles when the attempt's queue has room again, another attempt is under way, or the call is over. */
  #waitForDrain(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumeSending = resolve;
    });
  }
}

const responseAbandoned = () => new ConnectError("the response is no longer read", Code.Canceled);
