import { flowControlError } from "./connection-error.ts";
import { maxWindowBytes } from "./frames.ts";
import type { Http2Stream } from "./stream.ts";

/** How many streams that either side has reset are remembered, because more of them may be on its way. */
const maxRememberedResets = 1_000;
const maxRememberedSkips = 100;

/** The streams of a connection, and what is known of those that are over or not yet open. */
export class StreamTable {
  readonly #isServer: boolean;
  readonly #open = new Map<number, Http2Stream>();
  /** By the streams that we have reset: what the peer may still send on them. */
  readonly #resets = new Map<number, number>();
  readonly #peerResets = new Set<number>();
  readonly #skipped: { readonly after: number; readonly before: number }[] = [];
  /** The highest stream that the peer has opened. */
  #lastPeerId = 0;
  /** The next stream that we open. */
  nextStreamId = 1;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  get lastPeerStreamId(): number {
    return this.#lastPeerId;
  }

  /** Notes that the peer opens a stream, above all that it has opened before. */
  addPeerStreamId(id: number): void {
    if (id !== this.#lastPeerId + 2 && id !== 1 && this.#skipped.length < maxRememberedSkips) {
      this.#skipped.push({ after: this.#lastPeerId, before: id });
    }
    this.#lastPeerId = id;
  }

  /** Whether the peer has passed over the stream, so that it can never be opened (section 5.1.1). */
  wasSkipped(id: number): boolean {
    return this.#skipped.some(({ after, before }) => id > after && id < before);
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  add(stream: Http2Stream): void {
    this.#open.set(stream.id, stream);
  }

  remove(stream: Http2Stream): void {
    this.#open.delete(stream.id);
  }

  /** Those that are open now, whatever happens to them meanwhile. */
  all(): Http2Stream[] {
    return [...this.#open.values()];
  }

  /** Whether nobody has opened the stream yet (RFC 9113, section 5.1). */
  isIdle(id: number): boolean {
    if (id % 2 === 0) return true;
    return this.#isServer ? id > this.#lastPeerId : id >= this.nextStreamId;
  }

  /**
   * Applies a change of the initial window to all streams, whose windows may become negative (RFC 9113,
   * section 6.9.2). Throws a ConnectionError when one becomes too large.
   */
  growSendWindows(difference: number): void {
    for (const stream of this.#open.values()) {
      stream.sendWindow += difference;
      if (stream.sendWindow > maxWindowBytes)
        throw flowControlError("a window of more than 2^31 - 1");
    }
  }

  /** Notes that we have reset a stream on which the peer might send so many bytes more. */
  addReset(id: number, window: number): void {
    this.#resets.set(id, window);
    forgetOldest(this.#resets);
  }

  /** Notes that the peer has reset a stream. */
  addPeerReset(id: number): void {
    this.#peerResets.add(id);
    forgetOldest(this.#peerResets);
  }

  wasResetByPeer(id: number): boolean {
    return this.#peerResets.has(id);
  }

  wasReset(id: number): boolean {
    return this.#resets.has(id);
  }

  /** Counts DATA that comes after our reset; false when it is more than can have been on its way. */
  countLateData(id: number, bytes: number): boolean {
    const left = (this.#resets.get(id) ?? 0) - bytes;
    this.#resets.set(id, left);
    return left >= 0;
  }
}

function forgetOldest(ids: Map<number, number> | Set<number>): void {
  if (ids.size <= maxRememberedResets) return;
  const [oldest] = ids.keys();
  if (oldest !== undefined) ids.delete(oldest);
}
