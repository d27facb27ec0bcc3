const leastRoom = 256;
const nothing = new Uint8Array();

/**
 * Bytes that come in pieces, in one buffer that doubles when it is full: however small the pieces are, they
 * take no more than twice the memory that they fill. A single piece is not copied.
 */
export class Growing {
  readonly #maxBytes: number;
  #bytes: Uint8Array = nothing;
  #size = 0;
  /** Whether `#bytes` is ours to write to. */
  #isOwn = false;

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

  add(piece: Uint8Array): void {
    if (this.#size === 0) {
      this.#hold(piece);
      return;
    }
    const size = this.#size + piece.length;
    if (!this.#isOwn || size > this.#bytes.length) this.#grow(size);
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  /** Takes so many of the first bytes, or all; nobody else writes to them. */
  take(count: number = this.#size): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#hold(this.#bytes.subarray(count, this.#size));
    return taken;
  }

  #hold(bytes: Uint8Array): void {
    // An empty part would keep all of its buffer.
    this.#bytes = bytes.length > 0 ? bytes : nothing;
    this.#size = bytes.length;
    this.#isOwn = false;
  }

  #grow(size: number): void {
    const room = Math.max(Math.min(2 * size, this.#maxBytes), size, leastRoom);
    const larger = Buffer.allocUnsafeSlow(room);
    larger.set(this.bytes);
    this.#bytes = larger;
    this.#isOwn = true;
  }
}
