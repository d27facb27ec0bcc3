import { setTimeout as sleep } from "node:timers/promises";

const barrierTimeoutMs = 100;

/**
 * Makes a barrier: a caller waits up to 100 ms for a second caller with the same key, then both continue. Forces
 * races that are rare by chance.
 */
export function createBarrier(): (key: string) => Promise<void> {
  const waiting = new Map<string, () => void>();
  return async (key) => {
    const release = waiting.get(key);
    if (release) {
      waiting.delete(key);
      release();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(key, resolve);
    await Promise.race([promise, sleep(barrierTimeoutMs)]);
    if (waiting.get(key) === resolve) waiting.delete(key);
  };
}
