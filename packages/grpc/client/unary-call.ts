import type { DescMessage, DescMethodUnary, Message, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryResponse } from "@connectrpc/connect";
import { cutOff } from "../calls/message-queue.ts";
import { metadataOf } from "../calls/metadata.ts";
import type { Fields } from "../hpack/decoder.ts";
import type { Stream } from "../http2/stream.ts";
import { type AnswerListener, ClientCall, moreThanOne, parseAnswer } from "./client-call.ts";
import type { Outgoing } from "./request-writer.ts";
import type { Attempted, Attempts } from "./retrying-call.ts";

/** A unary call: makes attempts until one is processed, and settles with its answer. */
export class UnaryCall implements AnswerListener, Attempted {
  readonly #method: DescMethodUnary;
  readonly #attempts: Attempts;
  readonly #outgoing: Outgoing;
  #resolve: (response: UnaryResponse) => void = () => undefined;
  #reject: (error: ConnectError) => void = () => undefined;
  #header: Fields = [];
  #message: Message | undefined;
  #call: ClientCall | undefined;

  constructor(method: DescMethodUnary, attempts: Attempts, outgoing: Outgoing) {
    this.#method = method;
    this.#attempts = attempts;
    this.#outgoing = outgoing;
  }

  run(): Promise<UnaryResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#attempt();
    });
  }

  onHeaders(fields: Fields): void {
    this.#attempts.answered();
    this.#header = fields;
  }

  onBytes(): void {
    for (;;) {
      const bytes = this.#call?.reader.take();
      if (!bytes) return;
      if (this.#message) throw moreThanOne();
      this.#message = parseAnswer(this.#method, bytes);
    }
  }

  onDrain(): void {}

  onEnd(error: ConnectError | undefined, trailers: Fields | undefined, wasRefused: boolean): void {
    if (this.#attempts.end(error, wasRefused)) this.#attempt();
    else if (error) this.#reject(error);
    else if (this.#call?.reader.isEmpty === false) this.#reject(cutOff());
    else if (!this.#message) this.#reject(noMessage());
    else {
      const answer = new UnaryAnswer(this.#method, this.#header, this.#message, trailers ?? []);
      this.#resolve(answer as UnaryResponse);
    }
  }

  #attempt(): void {
    this.#attempts.begin(this, this.#outgoing.timeLeft);
  }

  onStream(stream: Stream, authority: string): void {
    const { signal, timeLeft, maxMessageBytes } = this.#outgoing;
    const timeoutMs = timeLeft();
    const call = new ClientCall(stream, this, maxMessageBytes, signal, timeoutMs);
    this.#call = call;
    if (call.isEndedBefore(timeoutMs)) return;
    stream.sendHeaders(this.#outgoing.fields(authority, timeoutMs));
    this.#outgoing.sendOnly(stream);
  }
}

/** A unary answer, whose headers are made when asked for: most callers want the message alone. */
class UnaryAnswer {
  readonly stream = false;
  readonly method: DescMethodUnary;
  readonly message: MessageShape<DescMessage>;
  readonly #headerFields: Fields;
  readonly #trailerFields: Fields;
  #header: Headers | undefined;
  #trailer: Headers | undefined;

  constructor(method: DescMethodUnary, header: Fields, message: Message, trailer: Fields) {
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

const noMessage = () => new ConnectError("the answer has no message", Code.Unimplemented);
