import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { overloadedError } from "./overloaded-error.ts";

/** A permit of the concurrency limiter, held by one call. */
export type Slot = {
  /**
   * Releases the slot while the body uploads, then acquires one again. What arrives within this turn of the
   * event loop keeps the slot. Rejects as `awaited` does, or with `overloadedError`.
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

  async function acquireAgain(): Promise<() => void> {
    try {
      return await queue.acquire();
    } catch {
      throw overloadedError;
    }
  }

  return {
    async releaseWhile(awaited) {
      const releasing = setImmediate(releaseNow);
      const result = await awaited.finally(() => clearImmediate(releasing));
      if (!heldPermit && !isOver) heldPermit = await acquireAgain();
      if (isOver) releaseNow();
      return result;
    },
    release() {
      isOver = true;
      releaseNow();
    },
  };
}
