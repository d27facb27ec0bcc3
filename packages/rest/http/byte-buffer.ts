const minCapacityBytes = 256;
const emptyBytes = new Uint8Array();

/**
 * A growable byte buffer, doubling up to maxBytes: chunks, however small, take at most twice the memory of
 * their bytes. A single chunk is not copied.
 */
export class ByteBuffer {
  readonly #maxBytes: number;
  #bytes: Uint8Array = emptyBytes;
  #size = 0;
  /** Whether `#bytes` may be written to. */
  #ownsBuffer = false;

  /** Capacity stays within maxBytes, unless more is appended. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A view of the content, valid until the next append or take. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  get size(): number {
    return this.#size;
  }

  append(chunk: Uint8Array): void {
    if (this.#size === 0) {
      this.#setBuffer(chunk);
      return;
    }
    const size = this.#size + chunk.length;
    if (!this.#ownsBuffer || size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
  }

  /** Removes and returns the first `count` bytes, or all. They are not written to afterwards. */
  take(count: number = this.#size): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#setBuffer(this.#bytes.subarray(count, this.#size));
    return taken;
  }

  #setBuffer(bytes: Uint8Array): void {
    // An empty view would retain its whole buffer.
    this.#bytes = bytes.length > 0 ? bytes : emptyBytes;
    this.#size = bytes.length;
    this.#ownsBuffer = false;
  }

  #grow(size: number): void {
    const room = Math.max(Math.min(2 * size, this.#maxBytes), size, minCapacityBytes);
    const larger = Buffer.allocUnsafeSlow(room);
    larger.set(this.bytes);
    this.#bytes = larger;
    this.#ownsBuffer = true;
  }
}
