import { performance } from "node:perf_hooks";

/** Limits how many calls are in flight at once. */
export type ConcurrencyLimit = {
  isReached(): boolean;
  /** How many calls count: those acquired within the last second that are not over. */
  readonly inFlight: number;
  /** Counts a call. Returns the function to call once when it is over. */
  acquire(): () => void;
  /** Must be called before a series of ticks, and at each tick, with the time in milliseconds. */
  start(nowMs: number): void;
  tick(nowMs: number): void;
  /** Whether no call counts. */
  isIdle(): boolean;
};

/** Returns the event-loop utilization since the last call, from 0 to 1. */
export type UtilizationSampler = () => number;

const adjustIntervalMs = 100;
/** A call that takes longer waits for something else, such as a lock, not for this process. */
const maxCountedIntervals = 10;

/** Above this the event loop gains nothing from more calls. */
const targetUtilization = 0.98;
const initialLimit = 64;
const minLimit = 32;
const maxLimit = 1_024;
const increaseFactor = 1.25;
const decreaseFactor = 0.85;

type Interval = { calls: number; isRecent: boolean };

/**
 * Ten times a second the limit is cut to 85 % when the event loop had no idle time, and raised by a quarter when
 * it was reached and the loop had some, as when a database has become slow. More calls than keep the loop busy
 * only delay all of them and age their garbage: they had better wait in the queue. Calls older than a second no
 * longer count, so that a service that hangs does not block calls of the others.
 */
export function createConcurrencyLimit(
  sampleUtilization: UtilizationSampler = eventLoopUtilizationSampler(),
): ConcurrencyLimit {
  const recent: Interval[] = [{ calls: 0, isRecent: true }];
  let inFlight = 0;
  let limit = initialLimit;
  let wasReached = false;
  let since = 0;

  function adjust(): void {
    if (sampleUtilization() > targetUtilization)
      limit = Math.max(minLimit, Math.floor(limit * decreaseFactor));
    else if (wasReached) limit = Math.min(maxLimit, Math.ceil(limit * increaseFactor));
    wasReached = false;
  }

  function rotateInterval(): void {
    recent.unshift({ calls: 0, isRecent: true });
    if (recent.length <= maxCountedIntervals) return;
    const old = recent.pop();
    if (!old) return;
    old.isRecent = false;
    inFlight -= old.calls;
  }

  return {
    isIdle: () => inFlight === 0,
    get inFlight() {
      return inFlight;
    },
    isReached() {
      if (inFlight < limit) return false;
      wasReached = true;
      return true;
    },
    acquire() {
      const [interval] = recent as [Interval];
      interval.calls++;
      inFlight++;
      return () => {
        if (!interval.isRecent) return;
        interval.calls--;
        inFlight--;
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
      rotateInterval();
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
