import { Fault } from "@plaza/kit/errors/fault";
import { addMs, dayMs, minuteMs } from "./time.ts";

/** How many guesses at passwords went wrong, at one account or from one address. */
export type AttemptCounter = {
  readonly failures: number;
  /** No further guess before. */
  readonly blockTime: Date;
  /** The count starts anew after. */
  readonly forgetTime: Date;
};

export type AttemptLimit = {
  /** Wrong guesses without any wait. */
  readonly freeAttempts: number;
  /** How long after the last wrong guess the count is forgotten. */
  readonly resetAfterMs: number;
};

/**
 * Someone who mistypes does not notice these limits. Someone who guesses gets 10 tries at an account
 * and then, as the waits double up to 15 minutes, about 100 a day. An address stands for many
 * people at times, hence its larger number.
 */
export const accountLimit: AttemptLimit = { freeAttempts: 10, resetAfterMs: dayMs };
export const addressLimit: AttemptLimit = { freeAttempts: 100, resetAfterMs: 60 * minuteMs };

const maxBackoffMs = 15 * minuteMs;

/**
 * Counts a guess as wrong before it is made, so that many made at once cannot outrun the count.
 * Throws TOO_MANY_ATTEMPTS, and counts nothing, while guesses have to wait.
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

/** Takes back a guess that was right, or was not made after all. It waited for its turn, if it had to. */
export function undoAttempt(counter: AttemptCounter, now: Date): AttemptCounter {
  return { ...counter, failures: Math.max(0, counter.failures - 1), blockTime: now };
}

function backoffMs(failures: number, { freeAttempts }: AttemptLimit): number {
  return failures < freeAttempts
    ? 0
    : Math.min(1_000 * 2 ** (failures - freeAttempts), maxBackoffMs);
}

function tooManyAttempts(retryAfterMs: number): never {
  const message = "too many wrong passwords; wait before the next try";
  throw new Fault("exhausted", "TOO_MANY_ATTEMPTS", message, { retryAfterMs });
}
