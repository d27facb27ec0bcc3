import type { Message } from "@bufbuild/protobuf";
import { messageTruncated } from "./message-errors.ts";
import type { MessageReader } from "./message-reader.ts";

type ReadResult = IteratorResult<Message, undefined>;
type PendingRead = {
  resolve(result: ReadResult | Promise<ReadResult>): void;
  reject(error: unknown): void;
};

/** The call that a queue belongs to. */
export type MessageQueueOwner = {
  /** Decodes a message. Throws a ConnectError when it cannot be decoded. */
  parse(bytes: Uint8Array): Message;
  /** The reader stopped. */
  onReturn(): void;
  /** A message cannot be decoded; the reader gets the same error. */
  onDecodeError(error: unknown): void;
};

/**
 * The messages of a stream as an async iterable. They are decoded when they are read. Messages before an
 * error can still be read.
 */
export class MessageQueue implements AsyncIterableIterator<Message, undefined> {
  readonly #reader: MessageReader;
  readonly #owner: MessageQueueOwner;
  #pendingRead: PendingRead | undefined;
  #isOver = false;
  #hasFailed = false;
  #isReturned = false;
  #error: unknown;

  constructor(reader: MessageReader, owner: MessageQueueOwner) {
    this.#reader = reader;
    this.#owner = owner;
  }

  /** Bytes have arrived. Throws a ConnectError when a pending read finds them malformed. */
  onBytes(): void {
    if (this.#isReturned) this.#reader.discard();
    if (!this.#pendingRead) return;
    const value = this.#readMessage();
    if (!value) return;
    const { resolve } = this.#pendingRead;
    this.#pendingRead = undefined;
    resolve(value instanceof Promise ? this.#resultOf(value) : { done: false, value });
  }

  /** Ends the messages, with an error unless they are complete. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    const waiting = this.#pendingRead;
    this.#pendingRead = undefined;
    if (waiting) this.#finalResult().then(waiting.resolve, waiting.reject);
  }

  next(): Promise<ReadResult> {
    if (this.#reader.isTurnOver) return this.#reader.nextTurn().then(() => this.next());
    try {
      const value = this.#hasFailed ? undefined : this.#readMessage();
      if (value instanceof Promise) return this.#resultOf(value);
      if (value) return Promise.resolve({ done: false, value });
    } catch (error) {
      return this.#failDecoding(error);
    }
    if (this.#isOver) return this.#finalResult();
    return new Promise((resolve, reject) => {
      this.#pendingRead = { resolve, reject };
    });
  }

  return(): Promise<ReadResult> {
    this.#isReturned = true;
    this.#reader.abandon();
    this.#reader.discard();
    if (!this.#isOver) {
      this.end();
      this.#owner.onReturn();
    }
    this.#error = undefined;
    return Promise.resolve(endOfStream);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #readMessage(): Message | Promise<Message> | undefined {
    const bytes = this.#reader.readMessage();
    if (bytes instanceof Promise) return bytes.then((plain) => this.#owner.parse(plain));
    return bytes && this.#owner.parse(bytes);
  }

  #resultOf(message: Promise<Message>): Promise<ReadResult> {
    return message.then(
      (value) => ({ done: false, value }),
      (error: unknown) => this.#failDecoding(error),
    );
  }

  #failDecoding(error: unknown): Promise<never> {
    this.#hasFailed = true;
    this.#owner.onDecodeError(error);
    return Promise.reject(error);
  }

  #finalResult(): Promise<ReadResult> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return this.#reader.isEmpty || this.#hasFailed
      ? Promise.resolve(endOfStream)
      : Promise.reject(messageTruncated());
  }
}

const endOfStream = { done: true, value: undefined } as const;
