const unitMs: Record<string, number> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
const maxTimeoutValue = 99_999_999;

/**
 * Reads grpc-timeout: at most eight digits and a unit (gRPC over HTTP2, "Timeout").
 *
 * @returns milliseconds, or NaN when it is malformed
 */
export function parseTimeout(text: string): number {
  const unit = unitMs[text.at(-1) ?? ""];
  const digits = text.slice(0, -1);
  if (unit === undefined || digits.length > 8 || !/^\d+$/.test(digits)) return Number.NaN;
  return Number(digits) * unit;
}

/** Writes grpc-timeout, in the finest unit that holds it; no less than 0, no more than 99,999,999 hours. */
export function formatTimeout(ms: number): string {
  const micros = Math.ceil(Math.max(ms, 0) * 1_000);
  if (micros <= maxTimeoutValue) return `${micros}u`;
  const millis = Math.ceil(ms);
  if (millis <= maxTimeoutValue) return `${millis}m`;
  const seconds = Math.ceil(ms / 1_000);
  if (seconds <= maxTimeoutValue) return `${seconds}S`;
  return `${Math.min(Math.ceil(ms / 3_600_000), maxTimeoutValue)}H`;
}
