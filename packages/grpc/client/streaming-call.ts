import type {
  DescMessage,
  DescMethodStreaming,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import { endIterator } from "../calls/iterator-close.ts";
import { MessageQueue } from "../calls/message-queue.ts";
import { metadataOf } from "../calls/metadata.ts";
import type { Fields } from "../hpack/decoder.ts";
import type { Stream } from "../http2/stream.ts";
import { type AnswerListener, ClientCall, moreThanOne, parseAnswer } from "./client-call.ts";
import type { Outgoing } from "./request-writer.ts";
import type { Attempted, Attempts } from "./retrying-call.ts";

type Input = MessageInitShape<DescMessage>;

/**
 * A call with a stream in either direction, or both. It settles when the answer begins. It is attempted
 * again only as long as nothing was asked of the input.
 */
export class StreamingCall implements AnswerListener, Attempted {
  readonly #method: DescMethodStreaming;
  readonly #attempts: Attempts;
  readonly #outgoing: Outgoing;
  readonly #input: AsyncIterator<Input>;
  #messages: MessageQueue | undefined;
  readonly #trailer = new Headers();
  #resolve: (response: StreamResponse) => void = () => undefined;
  #reject: (error: ConnectError) => void = () => undefined;
  #isSending = false;
  #hasAnswer = false;
  #isOver = false;
  #onRoom: (() => void) | undefined;

  constructor(
    method: DescMethodStreaming,
    attempts: Attempts,
    outgoing: Outgoing,
    input: AsyncIterable<Input>,
  ) {
    this.#method = method;
    this.#attempts = attempts;
    this.#outgoing = outgoing;
    this.#input = input[Symbol.asyncIterator]();
  }

  run(): Promise<StreamResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#method.methodKind !== "server_streaming") this.#attempt();
      else this.#keepOnly().then(() => this.#attempt(), reject);
    });
  }

  onHeaders(fields: Fields): void {
    this.#attempts.answered();
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
    this.#messages?.wake();
  }

  onDrain(): void {
    const go = this.#onRoom;
    this.#onRoom = undefined;
    go?.();
  }

  onEnd(error: ConnectError | undefined, trailers: Fields | undefined, wasRefused: boolean): void {
    if (this.#attempts.end(error, wasRefused && !this.#isSending)) {
      this.#attempt();
      return;
    }
    this.#isOver = true;
    if (trailers) {
      metadataOf(trailers).forEach((value, name) => {
        this.#trailer.set(name, value);
      });
    }
    // Without effect when the answer has begun: then the reader of the messages gets it.
    if (error) this.#reject(error);
    else this.onHeaders([]);
    this.#messages?.end(error);
    this.onDrain();
    void endIterator(this.#input);
  }

  /** Takes the request of a call that has one only, which can then be sent in several attempts. */
  async #keepOnly(): Promise<void> {
    const only = await this.#input.next();
    if (only.done) throw new ConnectError("the request is missing", Code.Unimplemented);
    this.#outgoing.keep(only.value);
  }

  #attempt(): void {
    this.#attempts.begin(this, this.#outgoing.timeLeft);
  }

  onStream(stream: Stream, authority: string): void {
    const { signal, timeLeft, maxMessageBytes } = this.#outgoing;
    const timeoutMs = timeLeft();
    const call = new ClientCall(stream, this, maxMessageBytes, signal, timeoutMs);
    this.#messages = new MessageQueue(call.reader, {
      parse: (bytes) => this.#parse(bytes),
      onReturn: () => call.cancel(unread()),
      onBroken: (error) => call.cancel(ConnectError.from(error, Code.Internal)),
    });
    if (call.isEndedBefore(timeoutMs)) return;
    stream.sendHeaders(this.#outgoing.fields(authority, timeoutMs));
    if (this.#method.methodKind === "server_streaming") this.#outgoing.sendOnly(stream);
    else void this.#sendAll(stream, call);
  }

  #parse(bytes: Uint8Array): Message {
    if (this.#hasAnswer && this.#method.methodKind === "client_streaming") throw moreThanOne();
    this.#hasAnswer = true;
    return parseAnswer(this.#method, bytes);
  }

  async #sendAll(stream: Stream, call: ClientCall): Promise<void> {
    this.#isSending = true;
    try {
      for (;;) {
        const next = await this.#input.next();
        if (this.#isOver) return;
        if (next.done) break;
        if (!this.#outgoing.send(stream, next.value)) await this.#room();
      }
      stream.end();
    } catch (error) {
      call.cancel(ConnectError.from(error, Code.Aborted));
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }
}

const unread = () => new ConnectError("the answer is not read any more", Code.Canceled);
