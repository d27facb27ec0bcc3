import { performance } from "node:perf_hooks";

/** How many calls may be under way at once. */
export type Limit = {
  isReached(): boolean;
  /** Counts a call. Answers what is to be called once when it is over. */
  begin(): () => void;
  /** To be told when ticks begin, and of each. */
  start(at: number): void;
  tick(at: number): void;
  /** Whether there is no call that counts. */
  isIdle(): boolean;
};

/** Answers which part of the time since it was last asked the event loop was busy, from 0 to 1. */
export type Busyness = () => number;

const intervalMs = 100;
/** A call that takes longer waits for something else, such as a lock, and not for this process. */
const longIntervals = 10;

/** An event loop that is so busy has no time to gain from more calls. */
const enough = 0.98;
const first = 64;
const least = 32;
const most = 1_024;
const growth = 4;
const cut = 0.85;

type Interval = { calls: number; isRecent: boolean };

/**
 * A process has one processor for its calls: as many as keep it busy are enough, and more only make all of
 * them later and their garbage older. So ten times a second the limit is cut when there was no idle time, and
 * raised when it was reached and there was (additive increase, multiplicative decrease: Chiu and Jain 1989).
 * Calls that have taken long count no more, so that one service that hangs does not keep callers from the
 * others.
 */
export function createLimit(busyness: Busyness = eventLoopBusyness()): Limit {
  const recent: Interval[] = [{ calls: 0, isRecent: true }];
  let underWay = 0;
  let limit = first;
  let wasReached = false;
  let since = 0;

  function adjust(): void {
    if (busyness() > enough) limit = Math.max(least, Math.floor(limit * cut));
    else if (wasReached) limit = Math.min(most, limit + growth);
    wasReached = false;
  }

  function turnOver(): void {
    recent.unshift({ calls: 0, isRecent: true });
    if (recent.length <= longIntervals) return;
    const old = recent.pop();
    if (!old) return;
    old.isRecent = false;
    underWay -= old.calls;
  }

  return {
    isIdle: () => underWay === 0,
    isReached() {
      if (underWay < limit) return false;
      wasReached = true;
      return true;
    },
    begin() {
      const [interval] = recent as [Interval];
      interval.calls++;
      underWay++;
      return () => {
        if (!interval.isRecent) return;
        interval.calls--;
        underWay--;
      };
    },
    start(at) {
      since = at;
      busyness();
    },
    tick(at) {
      if (at - since < intervalMs) return;
      since = at;
      adjust();
      turnOver();
    },
  };
}

function eventLoopBusyness(): Busyness {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
