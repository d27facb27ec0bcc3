/**
 * Asks something at most once in so many milliseconds, however often it is asked for: who comes in between
 * shares the answer.
 */
export function memoizeFor<T>(
  ttlMs: number,
  load: () => Promise<T>,
  now = () => performance.now(),
): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    const at = now();
    if (!last || at - last.at >= ttlMs) last = { at, answer: load() };
    return last.answer;
  };
}
