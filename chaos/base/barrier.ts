import { setTimeout as sleep } from "node:timers/promises";

/** How long one waits for another who may never come. */
const barrierTimeoutMs = 100;

/**
 * Makes a place where whoever comes waits a moment for another with the same key, and both go on together:
 * by chance two are hardly ever there at once.
 */
export function createBarrier(): (key: string) => Promise<void> {
  const waiting = new Map<string, () => void>();
  return async (key) => {
    const goOn = waiting.get(key);
    if (goOn) {
      waiting.delete(key);
      goOn();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(key, resolve);
    await Promise.race([promise, sleep(barrierTimeoutMs)]);
    if (waiting.get(key) === resolve) waiting.delete(key);
  };
}
