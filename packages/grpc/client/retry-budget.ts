const tokensPerCall = 0.2;
const maxTokens = 100;
const initialTokens = 10;

/**
 * Bounds how often calls are made again: a fifth of all calls, and ten at the beginning, so that retries
 * cannot multiply the load of a server in trouble (the budget of Finagle).
 */
export class RetryBudget {
  #tokens = initialTokens;

  /** A call begins. */
  deposit(): void {
    this.#tokens = Math.min(this.#tokens + tokensPerCall, maxTokens);
  }

  /** Whether another attempt may be made; takes it from the budget. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
