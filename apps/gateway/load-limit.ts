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

/** How far apart ticks are meant to be. */
const tickMs = 10;
const intervalMs = 100;
/** A call that takes longer waits for something else, such as a lock, and not for this process. */
const longIntervals = 10;

/** How late ticks may be on average: about half of what one turn of the event loop then takes. */
const targetMs = 10;
const first = 64;
const least = 16;
const most = 1_024;
const growth = 4;
const cut = 0.85;

type Interval = { calls: number; isRecent: boolean };

/**
 * The event loop is the queue in which calls wait for each other: while it is late, a call more only makes
 * all of them later. So ten times a second the limit is cut when ticks were late on average, and raised
 * when it was reached and they were not (additive increase, multiplicative decrease: Chiu and Jain 1989;
 * the average delay in a window as the sign of overload: DAGOR, SoCC '18). Calls that have taken long count
 * no more, so that one service that hangs does not keep callers from the others.
 */
export function createLimit(): Limit {
  const recent: Interval[] = [{ calls: 0, isRecent: true }];
  let underWay = 0;
  let limit = first;
  let wasReached = false;
  let tickedAt = 0;
  let since = 0;
  let lateMs = 0;
  let ticks = 0;

  function adjust(averageMs: number): void {
    if (averageMs > targetMs) limit = Math.max(least, Math.floor(limit * cut));
    else if (wasReached) limit = Math.min(most, limit + growth);
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
      [tickedAt, since, lateMs, ticks] = [at, at, 0, 0];
    },
    tick(at) {
      lateMs += Math.max(0, at - tickedAt - tickMs);
      ticks++;
      tickedAt = at;
      if (at - since < intervalMs) return;
      adjust(lateMs / ticks);
      [since, lateMs, ticks, wasReached] = [at, 0, 0, false];
      turnOver();
    },
  };
}
