import { frameSizeError } from "./connection-error.ts";
import { frameHeaderBytes, readUint31 } from "./frames.ts";

/** Receives one frame; `payload` is a view into the received chunk. */
export type FrameListener = (
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer,
) => void;

/**
 * Splits the bytes of a connection into frames (RFC 9113, section 4.1). Frames that are complete within a
 * chunk are not copied.
 */
export class FrameReader {
  readonly #onFrame: FrameListener;
  readonly #maxPayload: number;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes that the next frame, or its header, needs. */
  #neededBytes = frameHeaderBytes;

  /** `maxPayload` is our SETTINGS_MAX_FRAME_SIZE. */
  constructor(maxPayload: number, onFrame: FrameListener) {
    this.#maxPayload = maxPayload;
    this.#onFrame = onFrame;
  }

  /** Reads the next bytes. Throws a ConnectionError on a frame that is too large, and what `onFrame` throws. */
  push(chunk: Buffer): void {
    if (this.#heldBytes + chunk.length < this.#neededBytes) {
      this.#hold(chunk);
      return;
    }
    let bytes = chunk;
    if (this.#heldBytes > 0) {
      this.#chunks.push(chunk);
      bytes = Buffer.concat(this.#chunks);
      this.#chunks = [];
      this.#heldBytes = 0;
    }
    this.#hold(bytes.subarray(this.#readFrames(bytes)));
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** Returns where the first incomplete frame begins. */
  #readFrames(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= frameHeaderBytes) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length > this.#maxPayload) {
        throw frameSizeError(`a frame of ${length} bytes`);
      }
      const start = at + frameHeaderBytes;
      const end = start + length;
      if (end > bytes.length) {
        this.#neededBytes = frameHeaderBytes + length;
        return at;
      }
      const type = bytes[at + 3] ?? 0;
      const flags = bytes[at + 4] ?? 0;
      this.#onFrame(type, flags, readUint31(bytes, at + 5), bytes.subarray(start, end));
      at = end;
    }
    this.#neededBytes = frameHeaderBytes;
    return at;
  }
}
