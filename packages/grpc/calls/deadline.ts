import { Code, ConnectError } from "@connectrpc/connect";

// setTimeout takes no longer one, and would fire at once.
const longestTimerMs = 2 ** 31 - 1;

/** Calls `onDeadline` so many milliseconds from now, unless there is no deadline. */
export function deadlineTimer(
  timeoutMs: number | undefined,
  onDeadline: () => void,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  return setTimeout(onDeadline, Math.min(Math.max(timeoutMs, 0), longestTimerMs));
}

/** The error of a call whose time is up. */
export function late(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
