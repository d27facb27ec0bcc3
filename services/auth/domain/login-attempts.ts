import { Fault } from "@plaza/kit/errors/fault";
import { addMs, dayMs, minuteMs } from "./time.ts";

/** Failed attempts at one account or from one address. */
export type AttemptCounter = {
  readonly failures: number;
  /** No attempt is allowed before this time. */
  readonly blockTime: Date;
  /** The counter is reset after this time. */
  readonly forgetTime: Date;
};

export type AttemptLimit = {
  /** Failed attempts before any wait. */
  readonly freeAttempts: number;
  /** How long after the last failed attempt the counter is reset. */
  readonly resetAfterMs: number;
};

/**
 * A user who mistypes does not notice these limits. An attacker gets 10 attempts at an account and then,
 * as the waits double up to 15 minutes, about 100 a day. Many people may share an address, hence its
 * higher limit.
 */
export const accountLimit: AttemptLimit = { freeAttempts: 10, resetAfterMs: dayMs };
export const addressLimit: AttemptLimit = { freeAttempts: 100, resetAfterMs: 60 * minuteMs };

const maxBackoffMs = 15 * minuteMs;

/**
 * Counts an attempt as failed before it is made, so that concurrent attempts cannot outrun the counter.
 * Throws TOO_MANY_ATTEMPTS, and counts nothing, while attempts are blocked.
 */
export function recordAttempt(
  counter: AttemptCounter,
  limit: AttemptLimit,
  now: Date,
): AttemptCounter {
  const { blockTime, forgetTime } = counter;
  const before = forgetTime > now ? counter.failures : 0;
  if (before >= limit.freeAttempts && blockTime > now) {
    tooManyAttempts(blockTime.getTime() - now.getTime());
  }
  const failures = before + 1;
  return {
    failures,
    blockTime: addMs(now, backoffMs(failures, limit)),
    forgetTime: addMs(now, limit.resetAfterMs),
  };
}

/** Uncounts an attempt that succeeded or was not made, and ends the block. */
export function undoAttempt(counter: AttemptCounter, now: Date): AttemptCounter {
  return { ...counter, failures: Math.max(0, counter.failures - 1), blockTime: now };
}

function backoffMs(failures: number, { freeAttempts }: AttemptLimit): number {
  return failures < freeAttempts
    ? 0
    : Math.min(1_000 * 2 ** (failures - freeAttempts), maxBackoffMs);
}

function tooManyAttempts(retryAfterMs: number): never {
  const message = "too many wrong passwords; try again later";
  throw new Fault("exhausted", "TOO_MANY_ATTEMPTS", message, { retryAfterMs });
}
