import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryResponse } from "@connectrpc/connect";
import { messageTruncated, responseMissing, tooManyResponses } from "../calls/message-errors.ts";
import { metadataOf } from "../calls/metadata.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { ClientCall } from "./client-call.ts";
import type { RequestWriter } from "./request-writer.ts";
import { decodeResponse } from "./response-decoding.ts";
import type { ResponseListener } from "./response-listener.ts";
import type { RetriableCall, RetryingCall } from "./retrying-call.ts";

/** A unary call: attempts it until a server processes it, and settles with the response. */
export class UnaryCall implements ResponseListener, RetriableCall {
  readonly #method: DescMethodUnary;
  readonly #retryingCall: RetryingCall;
  readonly #request: RequestWriter;
  #resolve: (response: UnaryResponse) => void = () => undefined;
  #reject: (error: ConnectError) => void = () => undefined;
  #header: HeaderFields = [];
  #message: Message | Promise<Message> | undefined;
  #call: ClientCall | undefined;

  constructor(method: DescMethodUnary, retryingCall: RetryingCall, request: RequestWriter) {
    this.#method = method;
    this.#retryingCall = retryingCall;
    this.#request = request;
  }

  run(): Promise<UnaryResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#attempt();
    });
  }

  onHeaders(fields: HeaderFields): void {
    this.#retryingCall.onResponseStarted();
    this.#header = fields;
  }

  onBytes(): void {
    const reader = this.#call?.reader;
    while (reader && reader.requestMessage() > 0) {
      if (this.#message) throw tooManyResponses();
      const bytes = reader.readMessage();
      if (bytes) this.#message = this.#decode(bytes);
    }
  }

  onDrain(): void {}

  onEnd(
    error: ConnectError | undefined,
    trailers: HeaderFields | undefined,
    wasRefused: boolean,
  ): void {
    if (this.#retryingCall.finishAttempt(error, wasRefused)) this.#attempt();
    else if (error) this.#reject(error);
    else if (this.#call?.reader.isEmpty === false) this.#reject(messageTruncated());
    else if (!this.#message) this.#reject(responseMissing());
    else if (this.#message instanceof Promise) {
      this.#message.then((message) => this.#finish(message, trailers), this.#reject);
    } else this.#finish(this.#message, trailers);
  }

  #decode(bytes: Uint8Array | Promise<Uint8Array>): Message | Promise<Message> {
    if (!(bytes instanceof Promise)) return decodeResponse(this.#method, bytes);
    const message = bytes.then((plain) => decodeResponse(this.#method, plain));
    // Without effect when the call has ended: then its end rejects.
    message.catch((error: unknown) => this.#call?.cancel(ConnectError.from(error, Code.Internal)));
    return message;
  }

  #finish(message: Message, trailers: HeaderFields | undefined): void {
    const fields = trailers ?? [];
    const response = new LazyUnaryResponse(this.#method, this.#header, message, fields);
    this.#resolve(response as UnaryResponse);
  }

  #attempt(): void {
    this.#retryingCall.startAttempt(this, this.#request.remainingMs);
  }

  onStream(stream: Http2Stream, authority: string): void {
    const { signal, remainingMs, maxMessageBytes } = this.#request;
    const timeoutMs = remainingMs();
    const call = new ClientCall(stream, this, maxMessageBytes, signal, timeoutMs);
    this.#call = call;
    if (call.endIfExpired(timeoutMs)) return;
    stream.sendHeaders(this.#request.headerFields(authority, timeoutMs));
    this.#request.repeat(stream);
  }
}

/** A unary answer, whose headers are made when asked for: most callers want the message alone. */
class LazyUnaryResponse {
  readonly stream = false;
  readonly method: DescMethodUnary;
  readonly message: MessageShape<DescMessage>;
  readonly #headerFields: HeaderFields;
  readonly #trailerFields: HeaderFields;
  #header: Headers | undefined;
  #trailer: Headers | undefined;

  constructor(
    method: DescMethodUnary,
    header: HeaderFields,
    message: Message,
    trailer: HeaderFields,
  ) {
    this.method = method;
    this.message = message;
    this.#headerFields = header;
    this.#trailerFields = trailer;
  }

  get service() {
    return this.method.parent;
  }

  get header(): Headers {
    this.#header ??= metadataOf(this.#headerFields);
    return this.#header;
  }

  get trailer(): Headers {
    this.#trailer ??= metadataOf(this.#trailerFields);
    return this.#trailer;
  }
}
