const initialBackoffMs = 100;
const maxBackoffMs = 20_000;
const backoffMultiplier = 1.6;
const jitter = 0.2;

/**
 * Milliseconds to wait after `failures` consecutive failures: 100 ms, then 1.6 times as long each time up to
 * 20 s, with a jitter of 20 % so that clients do not return all at once (gRPC's connection backoff protocol,
 * which begins at 1 s).
 */
export function backoffMs(failures: number): number {
  const base = Math.min(initialBackoffMs * backoffMultiplier ** (failures - 1), maxBackoffMs);
  return base * (1 - jitter + 2 * jitter * Math.random());
}
