import type { Duplex } from "node:stream";

const chunkCapacityBytes = 64 * 1024;
/** Most connections send little in a turn, and thousands of them may in the same: each begins with this. */
const initialCapacityBytes = 1024;
const maxSpareBuffers = 32;
const emptyBuffer = Buffer.alloc(0);
/** What was sent and can be written again, for all connections: one that lies idle holds none. */
const spareBuffers: Buffer[] = [];
/** What was written to in this turn: it ends with one callback for all. */
let scheduledBuffers: WriteBuffer[] = [];

/**
 * Collects what a connection is to send. Everything of one turn of the event loop leaves in one write,
 * which is what makes small frames cheap: a write to a socket costs as much as many calls.
 *
 * Use: `const at = output.reserve(n)`, write at most n bytes into `output.bytes` from there, then
 * `output.length = end`.
 */
export class WriteBuffer {
  bytes: Buffer = emptyBuffer;
  length = 0;
  readonly #socket: Duplex;
  #isScheduled = false;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    socket.on("drain", onDrain);
  }

  /** How many bytes wait, here and in the socket. */
  get pendingBytes(): number {
    return this.length + this.#socket.writableLength;
  }

  /** Makes room, and answers where in `bytes` it begins. */
  reserve(size: number): number {
    const end = this.length + size;
    if (end > this.bytes.length) this.#grow(end, size);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      if (scheduledBuffers.push(this) === 1) setImmediate(flushAll);
    }
    return this.length;
  }

  /** Hands what was collected to the socket. */
  flush(): void {
    if (this.length === 0) return;
    const { bytes } = this;
    const chunk = bytes.subarray(0, this.length);
    this.length = 0;
    this.bytes = emptyBuffer;
    if (!this.#socket.writable) return;
    this.#socket.write(chunk, () => recycle(bytes));
  }

  /** Called at the end of the turn. */
  endTurn(): void {
    this.#isScheduled = false;
    this.flush();
  }

  #grow(end: number, size: number): void {
    if (this.bytes.length < chunkCapacityBytes && end <= chunkCapacityBytes) {
      const larger = takeBuffer(end);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    } else {
      this.flush();
      this.bytes = takeBuffer(size);
    }
  }
}

function flushAll(): void {
  const outputs = scheduledBuffers;
  scheduledBuffers = [];
  for (const output of outputs) output.endTurn();
}

function takeBuffer(size: number): Buffer {
  if (size <= initialCapacityBytes) return Buffer.allocUnsafe(initialCapacityBytes);
  if (size > chunkCapacityBytes) return Buffer.allocUnsafeSlow(size);
  return spareBuffers.pop() ?? Buffer.allocUnsafeSlow(chunkCapacityBytes);
}

function recycle(bytes: Buffer): void {
  if (bytes.length === chunkCapacityBytes && spareBuffers.length < maxSpareBuffers)
    spareBuffers.push(bytes);
}
