/** Memoizes an async function: calls within `ttlMs` of the last load share its promise, rejections included. */
export function memoizeFor<T>(
  ttlMs: number,
  load: () => Promise<T>,
  now = () => performance.now(),
): () => Promise<T> {
  let last: { readonly loadedAt: number; readonly result: Promise<T> } | undefined;
  return () => {
    const loadedAt = now();
    if (!last || loadedAt - last.loadedAt >= ttlMs) last = { loadedAt, result: load() };
    return last.result;
  };
}
