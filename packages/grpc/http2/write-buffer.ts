import type { Duplex } from "node:stream";

const chunkBytes = 64 * 1024;
/** Most connections send little in a turn, and thousands of them may in the same: each begins with this. */
const smallBytes = 1024;
const mostSpares = 32;
const nothing = Buffer.alloc(0);
/** What was sent and can be written again, for all connections: one that lies idle holds none. */
const spares: Buffer[] = [];
/** What was written to in this turn: it ends with one callback for all. */
let written: Output[] = [];

/**
 * Collects what a connection is to send. Everything of one turn of the event loop leaves in one write,
 * which is what makes small frames cheap: a write to a socket costs as much as many calls.
 *
 * Use: `const at = output.reserve(n)`, write at most n bytes into `output.bytes` from there, then
 * `output.length = end`.
 */
export class Output {
  bytes: Buffer = nothing;
  length = 0;
  readonly #socket: Duplex;
  #isScheduled = false;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    socket.on("drain", onDrain);
  }

  /** How many bytes wait, here and in the socket. */
  get waiting(): number {
    return this.length + this.#socket.writableLength;
  }

  /** Makes room, and answers where in `bytes` it begins. */
  reserve(size: number): number {
    const end = this.length + size;
    if (end > this.bytes.length) this.#grow(end, size);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      if (written.push(this) === 1) setImmediate(flushAll);
    }
    return this.length;
  }

  /** Hands what was collected to the socket. */
  flush(): void {
    if (this.length === 0) return;
    const { bytes } = this;
    const chunk = bytes.subarray(0, this.length);
    this.length = 0;
    this.bytes = nothing;
    if (!this.#socket.writable) return;
    this.#socket.write(chunk, () => giveBack(bytes));
  }

  /** Called at the end of the turn. */
  endTurn(): void {
    this.#isScheduled = false;
    this.flush();
  }

  #grow(end: number, size: number): void {
    if (this.bytes.length < chunkBytes && end <= chunkBytes) {
      const larger = bufferOf(end);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    } else {
      this.flush();
      this.bytes = bufferOf(size);
    }
  }
}

function flushAll(): void {
  const outputs = written;
  written = [];
  for (const output of outputs) output.endTurn();
}

function bufferOf(size: number): Buffer {
  if (size <= smallBytes) return Buffer.allocUnsafe(smallBytes);
  if (size > chunkBytes) return Buffer.allocUnsafeSlow(size);
  return spares.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
}

function giveBack(bytes: Buffer): void {
  if (bytes.length === chunkBytes && spares.length < mostSpares) spares.push(bytes);
}
