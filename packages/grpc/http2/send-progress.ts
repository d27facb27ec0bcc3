import { defaultWindowBytes } from "./frames.ts";

/** A peer should take this part of what waits for it within the time limit, besides a window. */
const dueFraction = 1 / 64;

/** How quickly a peer takes what we send. */
export class SendProgress {
  readonly #maxUnsentBytes: number;
  #progressAt: number;
  #sentBytesAtProgress = 0;
  #overLimitSince: number;

  /** Up to `maxUnsentBytes` may wait as long as it likes. */
  constructor(maxUnsentBytes: number, now: number) {
    this.#maxUnsentBytes = maxUnsentBytes;
    this.#progressAt = now;
    this.#overLimitSince = now;
  }

  /** Records how much waits and how much has been sent so far; to be called about once a second. */
  record(waitingBytes: number, sentBytes: number, now: number): void {
    const dueBytes = Math.max(defaultWindowBytes, waitingBytes * dueFraction);
    if (waitingBytes === 0 || sentBytes - this.#sentBytesAtProgress >= dueBytes) {
      this.#progressAt = now;
      this.#sentBytesAtProgress = sentBytes;
      this.#overLimitSince = now;
    }
    if (waitingBytes <= this.#maxUnsentBytes) this.#overLimitSince = now;
  }

  /** How long the peer has taken less than it should. */
  stalledMs(now: number): number {
    return now - this.#progressAt;
  }

  /** The same, while more than `maxUnsentBytes` wait. */
  stalledOverLimitMs(now: number): number {
    return now - this.#overLimitSince;
  }
}
