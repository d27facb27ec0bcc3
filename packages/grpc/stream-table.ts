import type { Stream } from "./stream.ts";

/** How many streams that we have reset are remembered, because more of them may be on its way. */
const rememberedResets = 1_000;

/** The streams of a connection, and what is known of those that are over or not yet open. */
export class StreamTable {
  readonly #isServer: boolean;
  readonly #open = new Map<number, Stream>();
  readonly #resets = new Set<number>();
  /** The highest stream that the peer has opened. */
  lastPeerId = 0;
  /** The next stream that we open. */
  nextId = 1;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  add(stream: Stream): void {
    this.#open.set(stream.id, stream);
  }

  remove(stream: Stream): void {
    this.#open.delete(stream.id);
  }

  /** Those that are open now, whatever happens to them meanwhile. */
  all(): Stream[] {
    return [...this.#open.values()];
  }

  /** Whether nobody has opened the stream yet (RFC 9113, section 5.1). */
  isIdle(id: number): boolean {
    if (id % 2 === 0) return true;
    return this.#isServer ? id > this.lastPeerId : id >= this.nextId;
  }

  noteReset(id: number): void {
    this.#resets.add(id);
    if (this.#resets.size <= rememberedResets) return;
    const [oldest] = this.#resets;
    if (oldest !== undefined) this.#resets.delete(oldest);
  }

  wasReset(id: number): boolean {
    return this.#resets.has(id);
  }
}
