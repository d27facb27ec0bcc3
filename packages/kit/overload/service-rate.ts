/** Measures how many calls a queue hands on in a second, while it has any. */
export type ServiceRate = {
  /** Calls a second in the best of the last intervals; those without a queue do not count. */
  callsPerSecond(): number;
  countCall(): void;
  /** Must be called when the queue is empty: this interval says nothing about what could be served. */
  pause(): void;
  /** Must be called before a series of ticks, and at each tick, with the time in milliseconds. */
  start(nowMs: number): void;
  tick(nowMs: number): void;
};

const intervalMs = 100;
const keptIntervals = 10;
/** Assumed until there was a queue for a second: a process that has just started is slow at first. */
const initialCallsPerSecond = 1_000;

/**
 * Creates a meter. It takes the best interval of the last second, not their mean, so that a turn of the event
 * loop that took long, or a neighbour that had the core for a moment, is not mistaken for a lack of capacity.
 */
export function createServiceRate(): ServiceRate {
  const rates: number[] = Array.from({ length: keptIntervals }, () => initialCallsPerSecond);
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
        rates.shift();
        rates.push((1_000 * calls) / elapsedMs);
        best = Math.max(...rates);
      }
      begin(nowMs);
    },
  };
}
