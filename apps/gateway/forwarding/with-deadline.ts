import { Code, ConnectError } from "@connectrpc/connect";

/** Awaits shared work. Deadline or abort rejects this caller only; the work goes on for the others. */
export async function withDeadline<T>(
  shared: Promise<T>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<T> {
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  const onTimeout = () => reject(new ConnectError("deadline exceeded", Code.DeadlineExceeded));
  const onAbort = () => reject(new ConnectError("the client cancelled the call", Code.Canceled));
  const timer = setTimeout(onTimeout, timeoutMs);
  signal.addEventListener("abort", onAbort);
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([shared, abandoned]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
