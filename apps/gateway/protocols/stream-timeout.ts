import { deadlineExceeded } from "@plaza/grpc/calls";

/** Messages for so many milliseconds at the most: then it throws DEADLINE_EXCEEDED, whatever is awaited. */
export async function* withStreamTimeout<T>(
  maxMs: number,
  messages: AsyncIterable<T>,
): AsyncGenerator<T> {
  const reading = messages[Symbol.asyncIterator]();
  let isOver = false;
  let giveUp: (() => void) | undefined;
  const timer = setTimeout(() => {
    isOver = true;
    giveUp?.();
  }, maxMs);
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      giveUp = () => reject(deadlineExceeded());
      if (isOver) giveUp();
      else reading.next().then(resolve, reject);
    });
  try {
    for (let one = await next(); !one.done; one = await next()) yield one.value;
  } finally {
    clearTimeout(timer);
    // It may be waiting for what never comes.
    reading.return?.().catch(() => undefined);
  }
}
