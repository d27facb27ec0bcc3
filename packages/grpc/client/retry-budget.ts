const perCall = 0.2;
const most = 100;
const atFirst = 10;

/**
 * Bounds how often calls are made again: a fifth of all calls, and ten at the beginning, so that retries
 * cannot multiply the load of a server in trouble (the budget of Finagle).
 */
export class RetryBudget {
  #left = atFirst;

  /** A call begins. */
  deposit(): void {
    this.#left = Math.min(this.#left + perCall, most);
  }

  /** Whether another attempt may be made; takes it from the budget. */
  withdraw(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
