const maxDelayMs = 30_000;

/** Exponential backoff: each delay is twice the one before, up to 30 s, with a jitter of 25 % either way. */
export type Backoff = {
  /** Waits for the next delay, or until `wake` resolves. */
  wait(wake: Promise<unknown>): Promise<void>;
  /** Starts again with the first delay. */
  reset(): void;
};

export function createBackoff(firstDelayMs: number): Backoff {
  let nextDelayMs = firstDelayMs;
  return {
    async wait(wake) {
      const delayMs = nextDelayMs * (0.75 + Math.random() / 2);
      nextDelayMs = Math.min(2 * nextDelayMs, maxDelayMs);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, delayMs);
      await Promise.race([promise, wake]);
      clearTimeout(timer);
    },
    reset() {
      nextDelayMs = firstDelayMs;
    },
  };
}
