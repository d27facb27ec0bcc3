import { Code, ConnectError } from "@connectrpc/connect";

/** Waits for what others may wait for too: until the signal or the time ends the waiting, not the thing. */
export async function withDeadline<T>(
  shared: Promise<T>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<T> {
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const late = () => reject(new ConnectError("the deadline passed", Code.DeadlineExceeded));
  const gone = () => reject(new ConnectError("the caller called it off", Code.Canceled));
  const timer = setTimeout(late, timeoutMs);
  signal.addEventListener("abort", gone);
  try {
    if (signal.aborted) gone();
    return await Promise.race([shared, gaveUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", gone);
  }
}
