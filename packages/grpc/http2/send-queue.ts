import type { HeaderFields } from "../hpack/header-fields.ts";
import { minCapacityBytes, withoutLargeBuffer } from "./retained-bytes.ts";

const maxQueueBytes = 64 * 1024;
/** Up to this size bytes are copied together: as a chunk of its own, a message of five bytes takes 200. */
const maxCopiedBytes = 1_024;
const maxChunkCapacityBytes = 16 * 1024;

/** Bytes in the order in which they were queued. `end`: where those end that are filled. */
type Chunk = { readonly bytes: Uint8Array; end: number; readonly isWritable: boolean };

/** The sending half of a stream. */
export abstract class SendQueue {
  /** 0 until a stream of ours begins, because streams must begin in the order of their ids. */
  id: number;
  /** Bytes that the peer lets this stream send (RFC 9113, section 6.9). */
  sendWindow: number;
  /** Bytes that wait to be sent. */
  queuedBytes = 0;
  /** Bytes of the buffers that they lie in. */
  heldBytes = 0;
  readonly #chunks: Chunk[] = [];
  /** How much of the first chunk is sent. */
  #offset = 0;
  /** Whether nothing but trailers follows what is queued. */
  isEnding = false;
  /** Whether the last frame has been written. */
  isEndSent = false;
  trailers: HeaderFields | undefined;

  constructor(id: number, window: number) {
    this.id = id;
    this.sendWindow = window;
  }

  /** Whether the writer should wait for `onDrain`. */
  get isFull(): boolean {
    return this.queuedBytes >= maxQueueBytes;
  }

  /** Queues bytes; large ones are not copied, and must not change afterwards. */
  append(bytes: Uint8Array): void {
    if (bytes.length <= maxCopiedBytes) this.#copy(bytes);
    else {
      const own = withoutLargeBuffer(bytes);
      this.#push({ bytes: own, end: own.length, isWritable: false }, own.buffer.byteLength);
    }
    this.queuedBytes += bytes.length;
  }

  /** Moves that many bytes of the queue to `target`. */
  take(target: Uint8Array, at: number, count: number): void {
    this.queuedBytes -= count;
    for (let left = count; left > 0; ) {
      const chunk = this.#chunks[0] as Chunk;
      const end = Math.min(this.#offset + left, chunk.end);
      target.set(chunk.bytes.subarray(this.#offset, end), at + count - left);
      left -= end - this.#offset;
      this.#offset = end;
      if (end === chunk.end) this.#shift();
    }
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#offset = 0;
    this.queuedBytes = 0;
    this.heldBytes = 0;
  }

  /** Called when a full queue has room again. */
  abstract onDrain(): void;

  /** Called when the last frame has been written. */
  abstract onEndSent(): void;

  #copy(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    let chunk = this.#chunks.at(-1);
    if (!chunk?.isWritable || chunk.end + bytes.length > chunk.bytes.length) {
      const capacity = Math.min(2 * this.queuedBytes, maxChunkCapacityBytes);
      chunk = {
        bytes: Buffer.allocUnsafeSlow(Math.max(capacity, bytes.length, minCapacityBytes)),
        end: 0,
        isWritable: true,
      };
      this.#push(chunk, chunk.bytes.length);
    }
    chunk.bytes.set(bytes, chunk.end);
    chunk.end += bytes.length;
  }

  #push(chunk: Chunk, heldBytes: number): void {
    this.#chunks.push(chunk);
    this.heldBytes += heldBytes;
  }

  #shift(): void {
    const chunk = this.#chunks.shift() as Chunk;
    this.heldBytes -= chunk.bytes.buffer.byteLength;
    this.#offset = 0;
  }
}
