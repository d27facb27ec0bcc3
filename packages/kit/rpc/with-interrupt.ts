/**
 * Passes messages on until `interrupt` is called, whose error it throws then, even while the source is pending.
 * `start` gets `interrupt`, and returns what is to be called at the end. An interrupted source is closed without
 * waiting for it.
 */
export async function* withInterrupt<T>(
  messages: AsyncIterable<T>,
  start: (interrupt: (error: unknown) => void) => () => void,
): AsyncGenerator<T> {
  const source = messages[Symbol.asyncIterator]();
  let interruption: { readonly error: unknown } | undefined;
  let rejectPending: ((error: unknown) => void) | undefined;
  const stop = start((error) => {
    interruption ??= { error };
    rejectPending?.(error);
  });
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      rejectPending = reject;
      if (interruption) reject(interruption.error);
      else source.next().then(resolve, reject);
    });
  try {
    for (let result = await next(); !result.done; result = await next()) yield result.value;
  } finally {
    stop();
    const closed = source.return?.();
    if (interruption) closed?.catch(() => undefined);
    else await closed;
  }
}
