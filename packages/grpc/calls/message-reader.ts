import { Code, ConnectError } from "@connectrpc/connect";
import { runAtEndOfTurn, type TurnTask } from "../http2/event-loop-turn.ts";
import { readUint32 } from "../http2/frames.ts";
import { isSmallPart, minCapacityBytes } from "../http2/retained-bytes.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { decompress, type MessageEncoding } from "./compression.ts";
import { messageTooLarge } from "./message-errors.ts";

export const messagePrefixBytes = 5;
/** What decompressing at once takes of the budget of a turn, in bytes that are only copied. */
const syncDecompressionCost = 64 * 1024;
const emptyBuffer = Buffer.alloc(0);

/** Learns at the end of each turn of the event loop how many received bytes a reader holds. */
export type HeldBytesListener = { onHeldBytes(bytes: number): void };

/**
 * Splits the bytes of a stream into messages: a flag, four bytes of length, the message (gRPC over HTTP2,
 * "Length-Prefixed-Message"). A message that is read in the turn of the event loop in which it came is not copied.
 *
 * Messages are split and decompressed only on read, and the rest is one buffer of at most twice its size, and 256
 * bytes, so memory stays within flow control.
 */
export class MessageReader implements TurnTask {
  readonly #stream: Http2Stream;
  readonly #maxBytes: number;
  readonly #listener: HeldBytesListener | undefined;
  #bytes: Buffer = emptyBuffer;
  #at = 0;
  #end = 0;
  /** Whether `#bytes` may be written to, after `#end`. */
  #ownsBuffer = false;
  /** The length of the message that has begun, with its prefix; 0 while unknown. */
  #expectedBytes = 0;
  #decompressingBytes = 0;
  #isScheduled = false;
  #isAbandoned = false;
  encoding: MessageEncoding = "identity";

  constructor(stream: Http2Stream, maxBytes: number, listener?: HeldBytesListener) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  /** Whether everything received was read. */
  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** Bytes received and not read. */
  get bufferedBytes(): number {
    return this.#end - this.#at;
  }

  /** Whether more should be read in a later turn of the event loop only. */
  get isTurnOver(): boolean {
    return !this.isEmpty && this.#stream.messageBudget.isSpent;
  }

  /** Settles in a later turn of the event loop. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#stream.messageBudget.waitForTurn(resolve));
  }

  push(chunk: Buffer): void {
    this.#scheduleEndOfTurn();
    if (this.isEmpty) {
      this.#setBuffer(chunk, chunk.length, false);
      return;
    }
    const size = this.bufferedBytes + chunk.length;
    if (!this.#ownsBuffer || this.#end + chunk.length > this.#bytes.length) this.#reallocate(size);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * Requests the next message, so that the peer may send the rest of it. Returns its length with its prefix
   * once it is complete, else 0. Throws a ConnectError on one that is too large, as soon as its length is known.
   */
  requestMessage(): number {
    const { bufferedBytes } = this;
    if (bufferedBytes < messagePrefixBytes) return 0;
    const length = readUint32(this.#bytes, this.#at + 1);
    if (length > this.#maxBytes) throw messageTooLarge(this.#maxBytes);
    const size = messagePrefixBytes + length;
    this.#expectedBytes = size;
    if (bufferedBytes >= size) return size;
    this.#stream.growWindowTo(size - bufferedBytes);
    return 0;
  }

  /**
   * Reads the next message, if it is complete, so that the peer may send as much again. Throws a ConnectError on one
   * that is too large or malformed. A large one in gzip is a promise, which rejects with such an error.
   */
  readMessage(): Uint8Array | Promise<Uint8Array> | undefined {
    const size = this.requestMessage();
    if (size === 0) return undefined;
    this.#stream.messageBudget.spend(0);
    const flags = this.#bytes[this.#at] ?? 0;
    const message = this.#bytes.subarray(this.#at + messagePrefixBytes, this.#at + size);
    this.#skip(size);
    const plain = flags === 0 ? message : this.#decompress(flags, message);
    if (!(plain instanceof Promise)) {
      this.#stream.consume(size);
      return plain;
    }
    this.#decompressingBytes += size;
    return plain.finally(() => {
      this.#decompressingBytes -= size;
      this.#scheduleEndOfTurn();
      this.#stream.consume(size);
    });
  }

  /** Drops what was received and not read. */
  discard(): void {
    const { bufferedBytes } = this;
    this.#skip(bufferedBytes);
    this.#stream.consume(bufferedBytes);
  }

  /** Messages that still wait to be decompressed are no longer wanted. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Copies what was not read in the turn in which it came, when it keeps a much larger buffer in memory. */
  endTurn(): void {
    this.#isScheduled = false;
    const { bufferedBytes } = this;
    if (!this.isEmpty && isSmallPart(bufferedBytes, this.#bytes.buffer.byteLength)) {
      this.#reallocate(bufferedBytes);
    }
    this.#listener?.onHeldBytes(bufferedBytes + this.#decompressingBytes);
  }

  #scheduleEndOfTurn(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    runAtEndOfTurn(this);
  }

  #skip(size: number): void {
    this.#at += size;
    this.#expectedBytes = 0;
    this.#scheduleEndOfTurn();
    if (this.isEmpty) this.#setBuffer(emptyBuffer, 0, false);
  }

  #setBuffer(bytes: Buffer, end: number, isOwn: boolean): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = end;
    this.#ownsBuffer = isOwn;
  }

  /**
   * Moves the bytes to a buffer of their own with room for `size`, and twice that, so that small chunks are copied
   * O(log n) times; at most for the message that has begun.
   */
  #reallocate(size: number): void {
    const { bufferedBytes } = this;
    const room = Math.max(2 * size, minCapacityBytes);
    const capacity = this.#expectedBytes >= size ? Math.min(room, this.#expectedBytes) : room;
    const own = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(own, 0, this.#at, this.#end);
    this.#setBuffer(own, bufferedBytes, true);
  }

  #decompress(flags: number, message: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (flags !== 1) throw new ConnectError(`unknown message flags ${flags}`, Code.Internal);
    if (this.encoding === "identity") {
      throw new ConnectError("a compressed message without grpc-encoding", Code.Internal);
    }
    this.#stream.spendTurn(syncDecompressionCost);
    return decompress(message, this.#maxBytes, {
      owner: this.#stream.turnOwner,
      isWanted: () => !this.#isAbandoned,
    });
  }
}
