import type { Duplex } from "node:stream";
import { runAtEndOfTurn, type TurnTask } from "./event-loop-turn.ts";

const chunkCapacityBytes = 64 * 1024;
/** The initial capacity: most connections send little in a turn, and thousands may send in the same turn. */
const initialCapacityBytes = 1024;
const maxSpareBuffers = 32;
const emptyBuffer = Buffer.alloc(0);
/** Buffers for reuse by all connections; an idle connection holds none. */
const spareBuffers: Buffer[] = [];

/**
 * Collects the frames that a connection sends. Those of one turn of the event loop are written to the socket at
 * once, which makes small frames cheap: a write to a socket costs as much as many calls.
 *
 * Use: `const at = output.reserve(n)`, write at most n bytes into `output.bytes` from there, then
 * `output.length = end`.
 */
export class WriteBuffer implements TurnTask {
  bytes: Buffer = emptyBuffer;
  length = 0;
  readonly #socket: Duplex;
  #isScheduled = false;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    socket.on("drain", onDrain);
  }

  /** The bytes that are not yet sent, here and in the socket. */
  get pendingBytes(): number {
    return this.length + this.#socket.writableLength;
  }

  /** Makes room for that many bytes; returns its offset in `bytes`. */
  reserve(size: number): number {
    const end = this.length + size;
    if (end > this.bytes.length) this.#grow(end, size);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      runAtEndOfTurn(this);
    }
    return this.length;
  }

  /** Writes the collected frames to the socket. */
  flush(): void {
    if (this.length === 0) return;
    const { bytes } = this;
    const chunk = bytes.subarray(0, this.length);
    this.length = 0;
    this.bytes = emptyBuffer;
    if (!this.#socket.writable) return;
    this.#socket.write(chunk, () => recycle(bytes));
  }

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

function takeBuffer(size: number): Buffer {
  if (size <= initialCapacityBytes) return Buffer.allocUnsafe(initialCapacityBytes);
  if (size > chunkCapacityBytes) return Buffer.allocUnsafeSlow(size);
  return spareBuffers.pop() ?? Buffer.allocUnsafeSlow(chunkCapacityBytes);
}

function recycle(bytes: Buffer): void {
  if (bytes.length === chunkCapacityBytes && spareBuffers.length < maxSpareBuffers)
    spareBuffers.push(bytes);
}
