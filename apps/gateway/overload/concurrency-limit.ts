import { performance } from "node:perf_hooks";

/** How many calls may be under way at once. */
export type ConcurrencyLimit = {
  isReached(): boolean;
  /** Counts a call. Answers what is to be called once when it is over. */
  acquire(): () => void;
  /** To be told when ticks begin, and of each. */
  start(at: number): void;
  tick(at: number): void;
  /** Whether there is no call that counts. */
  isIdle(): boolean;
};

/** Answers which part of the time since it was last asked the event loop was busy, from 0 to 1. */
export type UtilizationSampler = () => number;

const adjustIntervalMs = 100;
/** A call that takes longer waits for something else, such as a lock, and not for this process. */
const maxCountedIntervals = 10;

/** An event loop that is so busy has no time to gain from more calls. */
const targetUtilization = 0.98;
const initialLimit = 64;
const minLimit = 32;
const maxLimit = 1_024;
const increaseStep = 4;
const decreaseFactor = 0.85;

type Interval = { calls: number; isRecent: boolean };

/**
 * A process has one processor for its calls: as many as keep it busy are enough, and more only make all of
 * them later and their garbage older. So ten times a second the limit is cut when there was no idle time, and
 * raised when it was reached and there was (additive increase, multiplicative decrease: Chiu and Jain 1989).
 * Calls that have taken long count no more, so that one service that hangs does not keep callers from the
 * others.
 */
export function createConcurrencyLimit(
  sampleUtilization: UtilizationSampler = eventLoopUtilizationSampler(),
): ConcurrencyLimit {
  const recent: Interval[] = [{ calls: 0, isRecent: true }];
  let underWay = 0;
  let limit = initialLimit;
  let wasReached = false;
  let since = 0;

  function adjust(): void {
    if (sampleUtilization() > targetUtilization)
      limit = Math.max(minLimit, Math.floor(limit * decreaseFactor));
    else if (wasReached) limit = Math.min(maxLimit, limit + increaseStep);
    wasReached = false;
  }

  function turnOver(): void {
    recent.unshift({ calls: 0, isRecent: true });
    if (recent.length <= maxCountedIntervals) return;
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
    acquire() {
      const [interval] = recent as [Interval];
      interval.calls++;
      underWay++;
      return () => {
        if (!interval.isRecent) return;
        interval.calls--;
        underWay--;
      };
    },
    start(nowMs) {
      since = nowMs;
      sampleUtilization();
    },
    tick(nowMs) {
      if (nowMs - since < adjustIntervalMs) return;
      since = nowMs;
      adjust();
      turnOver();
    },
  };
}

function eventLoopUtilizationSampler(): UtilizationSampler {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
