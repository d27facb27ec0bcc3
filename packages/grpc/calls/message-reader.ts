import { Code, ConnectError } from "@connectrpc/connect";
import { readUint32 } from "../http2/frames.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { decompress, type MessageEncoding, messageTooLarge } from "./compression.ts";

export const messagePrefixBytes = 5;
const minCapacityBytes = 256;
const emptyBuffer = Buffer.alloc(0);

/**
 * Cuts the bytes of a stream into messages: a flag, four bytes of length, the message (gRPC over HTTP2,
 * "Length-Prefixed-Message"). A message that lies whole in a chunk is not copied.
 *
 * Nothing is cut, or decompressed, before it is asked for, and what waits lies in one piece: so it takes
 * the memory that flow control allows, and not a thousand times as much.
 */
export class MessageReader {
  readonly #stream: Http2Stream;
  readonly #maxBytes: number;
  #bytes: Buffer = emptyBuffer;
  #at = 0;
  #end = 0;
  /** Whether `#bytes` is ours to write to, behind `#end`. */
  #ownsBuffer = false;
  /** How long the message is that has begun, with its prefix, if that is known. */
  #expectedBytes = 0;
  encoding: MessageEncoding = "identity";

  constructor(stream: Http2Stream, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  /** Whether all that came has been taken. */
  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** Bytes that came and have not been taken. */
  get bufferedBytes(): number {
    return this.#end - this.#at;
  }

  /** Those of a message that was asked for and is not whole. */
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
   * Asks for the next message, so that the peer may send what is missing. Answers its bytes, with its
   * prefix, or 0 unless it is whole. Throws a ConnectError on one that is too large, as soon as its length is
   * there.
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
   * The next message, if it is whole; then the peer may send as much again. Throws a ConnectError on one
   * that is too large or broken.
   */
  readMessage(): Uint8Array | undefined {
    const size = this.requestMessage();
    if (size === 0) return undefined;
    const bytes = this.#bytes;
    const at = this.#at;
    this.#skip(size);
    return this.#decompressed(bytes[at] ?? 0, bytes.subarray(at + messagePrefixBytes, at + size));
  }

  /** Drops what came and was not taken. */
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

  /** Twice as much, so that many small chunks are not copied again and again, but no more than is to come. */
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
