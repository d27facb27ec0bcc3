import { Fault } from "@plaza/kit/errors/fault";
import { after, day, minute } from "./account.ts";

/** How many guesses at passwords went wrong, at one account or from one address. */
export type Guesses = {
  readonly failures: number;
  /** No further guess before. */
  readonly blockTime: Date;
  /** The count starts anew after. */
  readonly forgetTime: Date;
};

export type Limit = {
  /** Wrong guesses without any wait. */
  readonly free: number;
  /** How long after the last wrong guess the count is forgotten. */
  readonly forgetMs: number;
};

/**
 * Someone who mistypes does not notice these limits. Someone who guesses gets 10 tries at an account
 * and then, as the waits double up to 15 minutes, about 100 a day. An address stands for many
 * people at times, hence its larger number.
 */
export const accountLimit: Limit = { free: 10, forgetMs: day };
export const addressLimit: Limit = { free: 100, forgetMs: 60 * minute };

const longestWaitMs = 15 * minute;

/**
 * Counts a guess as wrong before it is made, so that many made at once cannot outrun the count.
 * Throws TOO_MANY_ATTEMPTS, and counts nothing, while guesses have to wait.
 */
export function countGuess(guesses: Guesses, limit: Limit, now: Date): Guesses {
  const { blockTime, forgetTime } = guesses;
  const before = forgetTime > now ? guesses.failures : 0;
  if (before >= limit.free && blockTime > now) {
    tooManyAttempts(blockTime.getTime() - now.getTime());
  }
  const failures = before + 1;
  return {
    failures,
    blockTime: after(now, waitMs(failures, limit)),
    forgetTime: after(now, limit.forgetMs),
  };
}

/** Takes back a guess that was right, or was not made after all. It waited for its turn, if it had to. */
export function takeBackGuess(guesses: Guesses, now: Date): Guesses {
  return { ...guesses, failures: Math.max(0, guesses.failures - 1), blockTime: now };
}

function waitMs(failures: number, { free }: Limit): number {
  return failures < free ? 0 : Math.min(1_000 * 2 ** (failures - free), longestWaitMs);
}

function tooManyAttempts(retryAfterMs: number): never {
  const message = "too many wrong passwords; wait before the next try";
  throw new Fault("exhausted", "TOO_MANY_ATTEMPTS", message, { retryAfterMs });
}
