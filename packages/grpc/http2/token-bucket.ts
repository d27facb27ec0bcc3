/**
 * How often a peer may do something that costs us more than it costs the peer: `perSecond` on average,
 * `burst` at once (a token bucket).
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #refilledAt = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** Gives so many back, up to the burst. */
  refund(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }

  /** Takes one; false when there is none left. */
  tryTake(): boolean {
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return true;
    }
    const now = performance.now();
    const earned = ((now - this.#refilledAt) / 1_000) * this.#perSecond;
    this.#refilledAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
