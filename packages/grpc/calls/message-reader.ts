import { Code, ConnectError } from "@connectrpc/connect";
import { readUint32 } from "../http2/frames.ts";
import type { Stream } from "../http2/stream.ts";
import { decompress, type Encoding, tooLarge } from "./compression.ts";

export const prefixBytes = 5;
const leastRoom = 256;
const nothing = Buffer.alloc(0);

/**
 * Cuts the bytes of a stream into messages: a flag, four bytes of length, the message (gRPC over HTTP2,
 * "Length-Prefixed-Message"). A message that lies whole in a chunk is not copied.
 *
 * Nothing is cut, or decompressed, before it is asked for, and what waits lies in one piece: so it takes
 * the memory that flow control allows, and not a thousand times as much.
 */
export class MessageReader {
  readonly #stream: Stream;
  readonly #maxBytes: number;
  #bytes: Buffer = nothing;
  #at = 0;
  #end = 0;
  /** Whether `#bytes` is ours to write to, behind `#end`. */
  #isOwn = false;
  /** How long the message is that has begun, with its prefix, if that is known. */
  #needed = 0;
  encoding: Encoding = "identity";

  constructor(stream: Stream, maxBytes: number) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  /** Whether all that came has been taken. */
  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** Bytes that came and have not been taken. */
  get held(): number {
    return this.#end - this.#at;
  }

  /** Those of a message that was asked for and is not whole. */
  get unfinished(): number {
    return this.#needed > 0 ? this.held : 0;
  }

  push(chunk: Buffer): void {
    if (this.isEmpty) {
      this.#hold(chunk, chunk.length, false);
      return;
    }
    const { held } = this;
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.#roomFor(held + chunk.length));
      this.#bytes.copy(larger, 0, this.#at, this.#end);
      this.#hold(larger, held, true);
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * Asks for the next message, so that the peer may send what is missing. Answers its bytes, with its
   * prefix, or 0 unless it is whole. Throws a ConnectError on one that is too large, as soon as its length is
   * there.
   */
  ask(): number {
    const { held } = this;
    if (held < prefixBytes) return 0;
    const length = readUint32(this.#bytes, this.#at + 1);
    if (length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    const size = prefixBytes + length;
    this.#needed = size;
    if (held >= size) return size;
    this.#stream.expect(size - held);
    return 0;
  }

  /**
   * The next message, if it is whole; then the peer may send as much again. Throws a ConnectError on one
   * that is too large or broken.
   */
  take(): Uint8Array | undefined {
    const size = this.ask();
    if (size === 0) return undefined;
    const bytes = this.#bytes;
    const at = this.#at;
    this.#skip(size);
    return this.#plain(bytes[at] ?? 0, bytes.subarray(at + prefixBytes, at + size));
  }

  /** Drops what came and was not taken. */
  clear(): void {
    this.#skip(this.held);
  }

  #skip(size: number): void {
    this.#at += size;
    this.#needed = 0;
    if (this.isEmpty) this.#hold(nothing, 0, false);
    this.#stream.consume(size);
  }

  #hold(bytes: Buffer, end: number, isOwn: boolean): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = end;
    this.#isOwn = isOwn;
  }

  /** Twice as much, so that many small chunks are not copied again and again, but no more than is to come. */
  #roomFor(size: number): number {
    const room = Math.max(2 * size, leastRoom);
    return this.#needed >= size ? Math.min(room, this.#needed) : room;
  }

  #plain(flags: number, message: Uint8Array): Uint8Array {
    if (flags === 0) return message;
    if (flags !== 1) throw new ConnectError(`unknown message flags ${flags}`, Code.Internal);
    if (this.encoding === "identity") {
      throw new ConnectError("a compressed message without grpc-encoding", Code.Internal);
    }
    return decompress(message, this.#maxBytes);
  }
}
