import { errorCode } from "./frames.ts";

/** A connection with messages that wait to be sent. */
export type QueueingConnection = {
  readonly sender: { readonly heldBytes: number };
  /** How long the peer has taken little of what waits for it. */
  stalledMs(now: number): number;
  fail(code: number, message: string): void;
};

/** Counts as the time that a connection has not been read at least, so that of new ones the largest goes first. */
const minStalledMs = 1_000;

/**
 * Bounds the memory of the messages that wait to be sent, over all connections of a server. Beyond, the connection
 * ends that holds most for longest: bytes, times how long its peer has taken little of them.
 */
export class SendBudget {
  readonly #maxBytes: number;
  readonly #connections: Iterable<QueueingConnection>;
  #bytes = 0;

  constructor(maxBytes: number, connections: Iterable<QueueingConnection>) {
    this.#maxBytes = maxBytes;
    this.#connections = connections;
  }

  /** Counts bytes that a connection holds more, or less. */
  count(change: number): void {
    this.#bytes += change;
    if (change > 0 && this.#bytes > this.#maxBytes) this.#endWorst();
  }

  #endWorst(): void {
    const now = performance.now();
    let worst: QueueingConnection | undefined;
    let worstCost = 0;
    for (const connection of this.#connections) {
      const stalledMs = Math.max(minStalledMs, connection.stalledMs(now));
      const cost = connection.sender.heldBytes * stalledMs;
      if (cost <= worstCost) continue;
      worst = connection;
      worstCost = cost;
    }
    worst?.fail(
      errorCode.enhanceYourCalm,
      "the answers are not read, and there is no room for more",
    );
  }
}
