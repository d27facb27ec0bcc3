import { frameSizeError } from "./connection-error.ts";
import { frameHeaderBytes, readUint31 } from "./frames.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** Receives one frame; `payload` is a view into the received chunk. */
export type FrameListener = (
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer,
) => void;

const emptyBuffer = Buffer.alloc(0);

/**
 * Splits the bytes of a connection into frames (RFC 9113, section 4.1). Frames that are complete within a chunk are
 * not copied. The bytes of an incomplete one are, into a buffer of its size: however they arrive, it takes no more
 * than a frame.
 */
export class FrameReader {
  readonly #onFrame: FrameListener;
  readonly #maxPayload: number;
  /** The chunk being read, and where the next frame begins in it. */
  #chunk: Buffer = emptyBuffer;
  #at = 0;
  /** The incomplete frame of earlier chunks. */
  #partial: Buffer = emptyBuffer;
  #partialBytes = 0;

  /** `maxPayload` is our SETTINGS_MAX_FRAME_SIZE. */
  constructor(maxPayload: number, onFrame: FrameListener) {
    this.#maxPayload = maxPayload;
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    const isRead = this.#at === this.#chunk.length;
    this.#chunk = isRead ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /**
   * Reads frames until the bytes or the budget are used up; false when bytes are left. Throws a ConnectionError on a
   * frame that is too large, and what `onFrame` throws.
   */
  read(budget: TurnBudget): boolean {
    while (this.#at < this.#chunk.length) {
      if (budget.isSpent) return false;
      if (this.#partialBytes > 0) this.#completeFrame(budget);
      else this.#readFrame(budget);
    }
    this.#chunk = emptyBuffer;
    this.#at = 0;
    return true;
  }

  #readFrame(budget: TurnBudget): void {
    const bytes = this.#chunk;
    const at = this.#at;
    const left = bytes.length - at;
    if (left < frameHeaderBytes) this.#hold(frameHeaderBytes);
    else {
      const size = this.#frameSize(bytes, at);
      if (left < size) this.#hold(size);
      else {
        this.#at = at + size;
        this.#deliver(bytes, at, size, budget);
      }
    }
  }

  /** Adds to the incomplete frame, and delivers it once it is complete. */
  #completeFrame(budget: TurnBudget): void {
    this.#hold(frameHeaderBytes);
    if (this.#partialBytes < frameHeaderBytes) return;
    const size = this.#frameSize(this.#partial, 0);
    this.#hold(size);
    if (this.#partialBytes < size) return;
    const frame = this.#partial;
    this.#partial = emptyBuffer;
    this.#partialBytes = 0;
    this.#deliver(frame, 0, size, budget);
  }

  /** Copies bytes of the chunk to the incomplete frame, until that has `size`. */
  #hold(size: number): void {
    const from = this.#at;
    const count = Math.min(size - this.#partialBytes, this.#chunk.length - from);
    if (count <= 0) return;
    if (this.#partial.length < size) {
      const larger = Buffer.allocUnsafeSlow(size);
      this.#partial.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    this.#chunk.copy(this.#partial, this.#partialBytes, from, from + count);
    this.#partialBytes += count;
    this.#at = from + count;
  }

  #deliver(bytes: Buffer, at: number, size: number, budget: TurnBudget): void {
    budget.spend(size);
    const payload = bytes.subarray(at + frameHeaderBytes, at + size);
    this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, readUint31(bytes, at + 5), payload);
  }

  #frameSize(bytes: Buffer, at: number): number {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length > this.#maxPayload) throw frameSizeError(`a frame of ${length} bytes`);
    return frameHeaderBytes + length;
  }
}
