import type { AdmissionQueue } from "./admission-queue.ts";

/** A call's place among those that are under way. */
export type Slot = {
  /**
   * Gives the place up while something is waited for that is the caller's to bring, and takes another one then;
   * what comes within this turn of the event loop costs nothing. Rejects with what that rejects with, or with
   * the error of the load when there is no room.
   */
  releaseWhile<T>(awaited: Promise<T>): Promise<T>;
  /** Gives the place up for good. */
  release(): void;
};

/** For the edge's own methods, health and reflection, which are answered whatever the load. */
export const unlimitedSlot: Slot = { releaseWhile: (awaited) => awaited, release() {} };

/** The place that a call was given when it entered, which `end` ends. */
export function createSlot(queue: AdmissionQueue, releasePermit: () => void): Slot {
  let giveUp: (() => void) | undefined = releasePermit;
  let isOver = false;

  function stepOut(): void {
    giveUp?.();
    giveUp = undefined;
  }

  return {
    async releaseWhile(awaited) {
      const leaving = setImmediate(stepOut);
      const brought = await awaited.finally(() => clearImmediate(leaving));
      if (!giveUp && !isOver) giveUp = await queue.acquire();
      if (isOver) stepOut();
      return brought;
    },
    release() {
      isOver = true;
      stepOut();
    },
  };
}
