import { Fault } from "@plaza/kit/errors/fault";

/** Requests of one user that another has declined. */
export type Declines = {
  readonly count: number;
  /** Of the last one. */
  readonly declineTime: Date;
};

/** Throws REQUEST_DECLINED until the pause after the last decline is over; it grows with each of them. */
export function assertNotPaused(
  { count, declineTime }: Declines,
  pausesMs: readonly number[],
  now: Date,
): void {
  const pauseMs = pausesMs[Math.min(count, pausesMs.length) - 1] ?? 0;
  const end = declineTime.getTime() + pauseMs;
  const retryAfterMs = end - now.getTime();
  if (retryAfterMs <= 0) return;
  const retryTime = new Date(end).toISOString();
  const message = `this user has declined your request; try again after ${retryTime}`;
  throw new Fault("exhausted", "REQUEST_DECLINED", message, {
    metadata: { retry_time: retryTime },
    retryAfterMs,
  });
}
