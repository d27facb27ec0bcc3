import type { AdmissionQueue } from "./admission-queue.ts";

/** A permit of the concurrency limiter, held by one call. */
export type Slot = {
  /**
   * Releases the slot while the body uploads, then acquires one again. What arrives within this turn of the
   * event loop keeps the slot. Rejects as `awaited` does, or with the queue's error when overloaded.
   */
  releaseWhile<T>(awaited: Promise<T>): Promise<T>;
  /** Releases the slot for good; may be called twice. */
  release(): void;
};

/** For health and reflection, which are served whatever the load. */
export const unlimitedSlot: Slot = { releaseWhile: (awaited) => awaited, release() {} };

/** Wraps a permit that `queue` has given; `releasePermit` ends it. */
export function createSlot(queue: AdmissionQueue, releasePermit: () => void): Slot {
  let heldPermit: (() => void) | undefined = releasePermit;
  let isOver = false;

  function releaseNow(): void {
    heldPermit?.();
    heldPermit = undefined;
  }

  return {
    async releaseWhile(awaited) {
      const releasing = setImmediate(releaseNow);
      const result = await awaited.finally(() => clearImmediate(releasing));
      if (!heldPermit && !isOver) heldPermit = await queue.acquire();
      if (isOver) releaseNow();
      return result;
    },
    release() {
      isOver = true;
      releaseNow();
    },
  };
}
