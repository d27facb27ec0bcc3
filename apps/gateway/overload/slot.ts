import type { Load } from "./admission-queue.ts";

/** A call's place among those that are under way. */
export type Place = {
  /**
   * Gives the place up while something is waited for that is the caller's to bring, and takes another one then;
   * what comes within this turn of the event loop costs nothing. Rejects with what that rejects with, or with
   * the error of the load when there is no room.
   */
  whileAway<T>(awaited: Promise<T>): Promise<T>;
  /** Gives the place up for good. */
  leave(): void;
};

/** For the edge's own methods, health and reflection, which are answered whatever the load. */
export const noPlace: Place = { whileAway: (awaited) => awaited, leave() {} };

/** The place that a call was given when it entered, which `end` ends. */
export function placeIn(load: Load, end: () => void): Place {
  let giveUp: (() => void) | undefined = end;
  let isOver = false;

  function stepOut(): void {
    giveUp?.();
    giveUp = undefined;
  }

  return {
    async whileAway(awaited) {
      const leaving = setImmediate(stepOut);
      const brought = await awaited.finally(() => clearImmediate(leaving));
      if (!giveUp && !isOver) giveUp = await load.enter();
      if (isOver) stepOut();
      return brought;
    },
    leave() {
      isOver = true;
      stepOut();
    },
  };
}
