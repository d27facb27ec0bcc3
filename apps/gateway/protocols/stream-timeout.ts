import { deadlineExceeded } from "@plaza/grpc/calls";

/**
 * Yields the messages, and throws DEADLINE_EXCEEDED after maxMs, even while the source is pending. Then closes
 * the source without waiting for it.
 */
export async function* withStreamTimeout<T>(
  maxMs: number,
  messages: AsyncIterable<T>,
): AsyncGenerator<T> {
  const source = messages[Symbol.asyncIterator]();
  let isOver = false;
  let rejectPending: (() => void) | undefined;
  const timer = setTimeout(() => {
    isOver = true;
    rejectPending?.();
  }, maxMs);
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      rejectPending = () => reject(deadlineExceeded());
      if (isOver) rejectPending();
      else source.next().then(resolve, reject);
    });
  try {
    for (let result = await next(); !result.done; result = await next()) yield result.value;
  } finally {
    clearTimeout(timer);
    // Not awaited: the source may be waiting for a message that never comes.
    source.return?.().catch(() => undefined);
  }
}
