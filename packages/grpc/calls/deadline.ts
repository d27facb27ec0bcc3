import { Code, ConnectError } from "@connectrpc/connect";

// setTimeout fires at once when it gets a longer one.
const maxTimerMs = 2 ** 31 - 1;

/** Calls `onDeadline` in `timeoutMs`, if there is a deadline. */
export function startDeadlineTimer(
  timeoutMs: number | undefined,
  onDeadline: () => void,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  return setTimeout(onDeadline, Math.min(Math.max(timeoutMs, 0), maxTimerMs));
}

// setTimeout counts in milliseconds, and so may fire almost one too early.
const timerToleranceMs = 1;

/** Whether a deadline, of `performance.now()`, has passed; also at the moment before, at which its timer may fire. */
export function hasPassed(deadline: number | undefined): boolean {
  return deadline !== undefined && performance.now() + timerToleranceMs >= deadline;
}

/** The error of a call whose deadline has passed. */
export function deadlineExceeded(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
