import { Code, ConnectError } from "@connectrpc/connect";
import { readUint32 } from "../http2/frames.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { decompress, type MessageEncoding } from "./compression.ts";
import { messageTooLarge } from "./message-errors.ts";

export const messagePrefixBytes = 5;
const minCapacityBytes = 256;
const emptyBuffer = Buffer.alloc(0);

/**
 * Splits the bytes of a stream into messages: a flag, four bytes of length, the message (gRPC over HTTP2,
 * "Length-Prefixed-Message"). A message that is complete within a chunk is not copied.
 *
 * Messages are split and decompressed only on read, and the rest is one buffer, so memory stays within flow
 * control.
 */
export class MessageReader {
  readonly #stream: Http2Stream;
  readonly #maxBytes: number;
  #bytes: Buffer = emptyBuffer;
  #at = 0;
  #end = 0;
  /** Whether `#bytes` may be written to, after `#end`. */
  #ownsBuffer = false;
  /** The length of the message that has begun, with its prefix; 0 while unknown. */
  #expectedBytes = 0;
  encoding: MessageEncoding = "identity";

  constructor(stream: Http2Stream, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  /** Whether everything received was read. */
  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** Bytes received and not read. */
  get bufferedBytes(): number {
    return this.#end - this.#at;
  }

  /** Bytes of a requested message that is incomplete. */
  get partialBytes(): number {
    return this.#expectedBytes > 0 ? this.bufferedBytes : 0;
  }

  push(chunk: Buffer): void {
    if (this.isEmpty) {
      this.#setBuffer(chunk, chunk.length, false);
      return;
    }
    const { bufferedBytes } = this;
    if (!this.#ownsBuffer || this.#end + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.#capacityFor(bufferedBytes + chunk.length));
      this.#bytes.copy(larger, 0, this.#at, this.#end);
      this.#setBuffer(larger, bufferedBytes, true);
    }
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
   * Reads the next message, if it is complete, so that the peer may send as much again. Throws a ConnectError
   * on one that is too large or malformed.
   */
  readMessage(): Uint8Array | undefined {
    const size = this.requestMessage();
    if (size === 0) return undefined;
    const bytes = this.#bytes;
    const at = this.#at;
    this.#skip(size);
    return this.#decompressed(bytes[at] ?? 0, bytes.subarray(at + messagePrefixBytes, at + size));
  }

  /** Drops what was received and not read. */
  discard(): void {
    this.#skip(this.bufferedBytes);
  }

  #skip(size: number): void {
    this.#at += size;
    this.#expectedBytes = 0;
    if (this.isEmpty) this.#setBuffer(emptyBuffer, 0, false);
    this.#stream.consume(size);
  }

  #setBuffer(bytes: Buffer, end: number, isOwn: boolean): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = end;
    this.#ownsBuffer = isOwn;
  }

  /** Twice the size, so that small chunks are copied O(log n) times; at most the message that has begun. */
  #capacityFor(size: number): number {
    const room = Math.max(2 * size, minCapacityBytes);
    return this.#expectedBytes >= size ? Math.min(room, this.#expectedBytes) : room;
  }

  #decompressed(flags: number, message: Uint8Array): Uint8Array {
    if (flags === 0) return message;
    if (flags !== 1) throw new ConnectError(`unknown message flags ${flags}`, Code.Internal);
    if (this.encoding === "identity") {
      throw new ConnectError("a compressed message without grpc-encoding", Code.Internal);
    }
    return decompress(message, this.#maxBytes);
  }
}
