/**
 * How often a peer may do something that costs us more than it costs the peer: `perSecond` on average,
 * `burst` at once (a token bucket).
 */
export class Allowance {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #since = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Gives one back. */
  give(): void {
    if (this.#left < this.#burst) this.#left += 1;
  }

  /** Takes one; false when there is none left. */
  take(): boolean {
    if (this.#left >= 1) {
      this.#left -= 1;
      return true;
    }
    const now = performance.now();
    const earned = ((now - this.#since) / 1_000) * this.#perSecond;
    this.#since = now;
    this.#left = Math.min(this.#burst, this.#left + earned);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
