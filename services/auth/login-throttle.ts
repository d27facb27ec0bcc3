import type { Pool, Tx } from "@plaza/kit/db/database";
import pLimit, { type LimitFunction } from "p-limit";
import { digest } from "./crypto/secrets.ts";
import { overloaded } from "./domain/account.ts";
import {
  accountLimit,
  addressLimit,
  countGuess,
  type Limit,
  takeBackGuess,
} from "./domain/login-attempts.ts";
import * as store from "./store/login-attempts.ts";

/** What a guess is counted against. */
export type Target = {
  readonly key: Uint8Array;
  readonly limit: Limit;
  readonly isAccount: boolean;
};

/** Lets guesses at passwords through, or makes them wait. */
export type Throttle = {
  /**
   * Makes a guess and counts it unless it was right. Throws TOO_MANY_ATTEMPTS, and makes none, when
   * too many went wrong before.
   */
  guess<T>(
    targets: readonly Target[],
    make: () => Promise<T>,
    isRight: (made: T) => boolean,
  ): Promise<T>;
};

const mostWaiting = 50;

export function throttle(db: Pool, now: () => Date): Throttle {
  const turns = new Map<string, LimitFunction>();

  const count = (targets: readonly Target[]): Promise<void> =>
    db.begin(async (tx) => {
      for (const { key, limit } of targets) {
        const guesses = await store.lockGuesses(tx, key, now());
        await store.saveGuesses(tx, key, countGuess(guesses, limit, now()));
      }
    });
  const takeBack = (targets: readonly Target[], isRight: boolean): Promise<void> =>
    db.begin(async (tx) => {
      for (const target of targets) await forget(tx, target, isRight, now());
    });

  async function attempt<T>(
    targets: readonly Target[],
    make: () => Promise<T>,
    isRight: (made: T) => boolean,
  ): Promise<T> {
    await count(targets);
    let made: T;
    try {
      made = await make();
    } catch (error) {
      await takeBack(targets, false);
      throw error;
    }
    if (isRight(made)) await takeBack(targets, true);
    return made;
  }

  return {
    guess(targets, make, isRight) {
      const account = targets.find(({ isAccount }) => isAccount);
      const work = () => attempt(targets, make, isRight);
      // A guess counts as wrong while it is made. In turn, many right ones at once are not many
      // wrong ones.
      return account ? inTurn(turns, Buffer.from(account.key).toString("base64"), work) : work();
    },
  };
}

/** Guesses at what a login names, whether or not there is such an account. */
export function atLogin(login: string): Target {
  return accountTarget(`login:${login.toLowerCase()}`);
}

/** Guesses at the password of an account by whoever is signed in to it. */
export function atPassword(accountId: string): Target {
  return accountTarget(`password:${accountId}`);
}

/** Guesses at an account from where its owner has signed in before. */
export function fromKnownAddress(accountId: string, address: string): Target {
  return accountTarget(`known:${accountId}:${address}`);
}

export function fromAddress(address: string): Target {
  return { key: digest(`address:${address}`), limit: addressLimit, isAccount: false };
}

function accountTarget(name: string): Target {
  return { key: digest(name), limit: accountLimit, isAccount: true };
}

/** An account's owner has shown to know the password; an address stays what it was before. */
async function forget(tx: Tx, { key, isAccount }: Target, isRight: boolean, now: Date) {
  if (isAccount && isRight) return store.deleteGuesses(tx, key);
  const guesses = await store.lockGuesses(tx, key, now);
  await store.saveGuesses(tx, key, takeBackGuess(guesses, now));
}

async function inTurn<T>(
  turns: Map<string, LimitFunction>,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const turn = turns.get(key) ?? pLimit(1);
  turns.set(key, turn);
  if (turn.pendingCount >= mostWaiting) overloaded();
  try {
    return await turn(work);
  } finally {
    if (turn.activeCount + turn.pendingCount === 0) turns.delete(key);
  }
}
