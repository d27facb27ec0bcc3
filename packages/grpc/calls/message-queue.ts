import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { MessageReader } from "./message-reader.ts";

type Result = IteratorResult<Message, undefined>;
type Waiting = { resolve(result: Result): void; reject(error: unknown): void };

/** What a queue tells the call that it belongs to. */
export type QueueOwner = {
  /** Reads a message. Throws a ConnectError when it cannot be decoded. */
  parse(bytes: Uint8Array): Message;
  /** No more messages are wanted. */
  onReturn(): void;
  /** What came cannot be read; the reader of the queue gets the same error. */
  onBroken(error: unknown): void;
};

/**
 * The messages of a stream for a reader, who takes them one by one in a `for await`. They are decoded
 * when they are taken. What came before an error is still read.
 */
export class MessageQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #reader: MessageReader;
  readonly #owner: QueueOwner;
  #waiting: Waiting | undefined;
  #isOver = false;
  #isBroken = false;
  #isReturned = false;
  #error: unknown;

  constructor(reader: MessageReader, owner: QueueOwner) {
    this.#reader = reader;
    this.#owner = owner;
  }

  /** More bytes have come. Throws a ConnectError when they are broken and somebody waits for them. */
  wake(): void {
    if (this.#isReturned) this.#reader.clear();
    if (!this.#waiting) return;
    const value = this.#take();
    if (!value) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve({ done: false, value });
  }

  /** Ends the messages, with an error unless they have ended well. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#ending().then(waiting.resolve, waiting.reject);
  }

  next(): Promise<Result> {
    try {
      const value = this.#isBroken ? undefined : this.#take();
      if (value) return Promise.resolve({ done: false, value });
    } catch (error) {
      this.#isBroken = true;
      this.#owner.onBroken(error);
      return Promise.reject(error);
    }
    if (this.#isOver) return this.#ending();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<Result> {
    this.#isReturned = true;
    this.#reader.clear();
    if (!this.#isOver) {
      this.end();
      this.#owner.onReturn();
    }
    this.#error = undefined;
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Message | undefined {
    const bytes = this.#reader.take();
    return bytes && this.#owner.parse(bytes);
  }

  #ending(): Promise<Result> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return this.#reader.isEmpty || this.#isBroken
      ? Promise.resolve(done)
      : Promise.reject(cutOff());
  }
}

const done = { done: true, value: undefined } as const;

/** The error of a stream that ends within a message. */
export const cutOff = (): ConnectError => new ConnectError("a message is cut off", Code.Internal);
