const tokensPerCall = 0.2;
const maxTokens = 100;
const initialTokens = 10;

/**
 * Bounds retries to a fifth of all calls, and ten at the start, so that they cannot multiply the load of an
 * unhealthy server (after Finagle's retry budget).
 */
export class RetryBudget {
  #tokens = initialTokens;

  /** A call begins. */
  deposit(): void {
    this.#tokens = Math.min(this.#tokens + tokensPerCall, maxTokens);
  }

  /** Takes a retry from the budget; false when there is none left. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
