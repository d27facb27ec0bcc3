const initialBackoffMs = 100;
const maxBackoffMs = 20_000;
const backoffMultiplier = 1.6;
const jitter = 0.2;

/**
 * How long to wait after the n-th failure in a row: 100 ms at first, then 1.6 times as long each time up to
 * 20 s, each a fifth longer or shorter by chance, so that clients do not come back all at once (after
 * gRPC's connection backoff protocol, which begins at 1 s).
 */
export function backoffMs(failures: number): number {
  const base = Math.min(initialBackoffMs * backoffMultiplier ** (failures - 1), maxBackoffMs);
  return base * (1 - jitter + 2 * jitter * Math.random());
}
