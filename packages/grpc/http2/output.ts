import type { Duplex } from "node:stream";

const chunkBytes = 64 * 1024;

/**
 * Collects what a connection is to send. Everything of one turn of the event loop leaves in one write,
 * which is what makes small frames cheap: a write to a socket costs as much as many calls.
 *
 * Use: `const at = output.reserve(n)`, write at most n bytes into `output.bytes` from there, then
 * `output.length = end`.
 */
export class Output {
  bytes: Buffer = Buffer.allocUnsafeSlow(chunkBytes);
  length = 0;
  /** Set while the socket holds more than it wants; cleared before `onDrain` is called. */
  isFull = false;
  readonly #socket: Duplex;
  #spare: Buffer | undefined;
  #isScheduled = false;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    socket.on("drain", () => {
      this.isFull = false;
      onDrain();
    });
  }

  /** How many bytes wait, here and in the socket. */
  get waiting(): number {
    return this.length + this.#socket.writableLength;
  }

  /** Makes room, and answers where in `bytes` it begins. */
  reserve(size: number): number {
    if (this.length + size > this.bytes.length) {
      this.flush();
      if (size > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(size);
    }
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#flushTurn);
    }
    return this.length;
  }

  /** Hands what was collected to the socket. */
  flush(): void {
    if (this.length === 0) return;
    const full = this.bytes;
    const chunk = full.subarray(0, this.length);
    this.length = 0;
    this.bytes = this.#spare ?? Buffer.allocUnsafeSlow(chunkBytes);
    this.#spare = undefined;
    if (!this.#socket.writable) return;
    const isTaken = this.#socket.write(chunk, () => {
      if (full.length === chunkBytes) this.#spare = full;
    });
    if (!isTaken) this.isFull = true;
  }

  readonly #flushTurn = () => {
    this.#isScheduled = false;
    this.flush();
  };
}
