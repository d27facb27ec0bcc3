import { Code, ConnectError } from "@connectrpc/connect";

// setTimeout takes no longer one, and would fire at once.
const maxTimerMs = 2 ** 31 - 1;

/** Calls `onDeadline` so many milliseconds from now, unless there is no deadline. */
export function startDeadlineTimer(
  timeoutMs: number | undefined,
  onDeadline: () => void,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  return setTimeout(onDeadline, Math.min(Math.max(timeoutMs, 0), maxTimerMs));
}

/** The error of a call whose time is up. */
export function deadlineExceeded(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
