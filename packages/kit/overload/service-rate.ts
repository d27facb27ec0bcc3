/** Measures how many calls end in a second while others wait. */
export type ServiceRate = {
  /** Calls a second in the best half second of the last two; time without a queue does not count. */
  callsPerSecond(): number;
  countCall(): void;
  /** Must be called when the queue is empty: this interval says nothing about what could be served. */
  pause(): void;
  /** Must be called before a series of ticks, and at each tick, with the time in milliseconds. */
  start(nowMs: number): void;
  tick(nowMs: number): void;
};

const intervalMs = 100;
const keptIntervals = 20;
const windowIntervals = 5;
/** Assumed until there was a queue for some time: a process that has just started is slow at first. */
const initialCallsPerSecond = 1_000;

type Interval = { readonly calls: number; readonly ms: number };

/**
 * Creates a meter. It takes the best half second and not the mean, so that a turn of the event loop that took long,
 * or a neighbour that had the core for a moment, is not mistaken for a lack of capacity; and not the best tenth,
 * because calls that are written to a database together end together.
 */
export function createServiceRate(): ServiceRate {
  const intervals: Interval[] = Array.from({ length: keptIntervals }, () => ({
    calls: (initialCallsPerSecond * intervalMs) / 1_000,
    ms: intervalMs,
  }));
  let best = initialCallsPerSecond;
  let calls = 0;
  let wasPaused = false;
  let since = 0;

  function begin(nowMs: number): void {
    since = nowMs;
    calls = 0;
    wasPaused = false;
  }

  return {
    callsPerSecond: () => best,
    countCall() {
      calls += 1;
    },
    pause() {
      wasPaused = true;
    },
    start: begin,
    tick(nowMs) {
      const elapsedMs = nowMs - since;
      if (elapsedMs < intervalMs) return;
      if (!wasPaused) {
        intervals.shift();
        intervals.push({ calls, ms: elapsedMs });
        best = bestRate(intervals);
      }
      begin(nowMs);
    },
  };
}

function bestRate(intervals: readonly Interval[]): number {
  let best = 0;
  for (let end = windowIntervals; end <= intervals.length; end += 1) {
    let calls = 0;
    let ms = 0;
    for (const interval of intervals.slice(end - windowIntervals, end)) {
      calls += interval.calls;
      ms += interval.ms;
    }
    best = Math.max(best, (1_000 * calls) / ms);
  }
  return best;
}
