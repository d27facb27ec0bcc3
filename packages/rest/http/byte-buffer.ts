const minCapacityBytes = 256;
const emptyBytes = new Uint8Array();

/**
 * Bytes that come in pieces, in one buffer that doubles when it is full: however small the pieces are, they
 * take no more than twice the memory that they fill. A single piece is not copied.
 */
export class ByteBuffer {
  readonly #maxBytes: number;
  #bytes: Uint8Array = emptyBytes;
  #size = 0;
  /** Whether `#bytes` is ours to write to. */
  #ownsBuffer = false;

  /** Room is made for maxBytes at the most, unless more is added. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What there is, for as long as nothing is added or taken. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  get size(): number {
    return this.#size;
  }

  append(piece: Uint8Array): void {
    if (this.#size === 0) {
      this.#setBuffer(piece);
      return;
    }
    const size = this.#size + piece.length;
    if (!this.#ownsBuffer || size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  /** Takes so many of the first bytes, or all; nobody else writes to them. */
  take(count: number = this.#size): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#setBuffer(this.#bytes.subarray(count, this.#size));
    return taken;
  }

  #setBuffer(bytes: Uint8Array): void {
    // An empty part would keep all of its buffer.
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
