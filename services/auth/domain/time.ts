export const minuteMs = 60_000;

export const dayMs = 24 * 60 * minuteMs;

export function addMs(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

/** The largest difference between the clocks of two machines. */
export const maxClockSkewMs = 60_000;
