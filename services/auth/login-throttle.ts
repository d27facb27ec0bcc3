import type { Pool, Tx } from "@plaza/kit/db/database";
import pLimit, { type LimitFunction } from "p-limit";
import { sha256 } from "./crypto/secrets.ts";
import { overloaded } from "./domain/account.ts";
import {
  type AttemptLimit,
  accountLimit,
  addressLimit,
  recordAttempt,
  undoAttempt,
} from "./domain/login-attempts.ts";
import * as store from "./store/login-attempts.ts";

/** What a guess is counted against. */
export type ThrottleKey = {
  readonly key: Uint8Array;
  readonly limit: AttemptLimit;
  readonly isAccount: boolean;
};

/** Lets guesses at passwords through, or makes them wait. */
export type LoginThrottle = {
  /**
   * Makes a guess and counts it unless it was right. Throws TOO_MANY_ATTEMPTS, and makes none, when
   * too many went wrong before.
   */
  attempt<T>(
    targets: readonly ThrottleKey[],
    make: () => Promise<T>,
    isRight: (made: T) => boolean,
  ): Promise<T>;
};

const maxQueuedAttempts = 50;

export function createLoginThrottle(db: Pool, now: () => Date): LoginThrottle {
  const turns = new Map<string, LimitFunction>();

  const count = (targets: readonly ThrottleKey[]): Promise<void> =>
    db.begin(async (tx) => {
      for (const { key, limit } of targets) {
        const guesses = await store.lockAttemptCounter(tx, key, now());
        await store.saveAttemptCounter(tx, key, recordAttempt(guesses, limit, now()));
      }
    });
  const takeBack = (targets: readonly ThrottleKey[], isRight: boolean): Promise<void> =>
    db.begin(async (tx) => {
      for (const target of targets) await settleAttempt(tx, target, isRight, now());
    });

  async function attempt<T>(
    targets: readonly ThrottleKey[],
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
    attempt(targets, make, isRight) {
      const account = targets.find(({ isAccount }) => isAccount);
      const work = () => attempt(targets, make, isRight);
      // A guess counts as wrong while it is made. In turn, many right ones at once are not many
      // wrong ones.
      return account
        ? runExclusive(turns, Buffer.from(account.key).toString("base64"), work)
        : work();
    },
  };
}

/** Guesses at what a login names, whether or not there is such an account. */
export function loginKey(login: string): ThrottleKey {
  return accountKey(`login:${login.toLowerCase()}`);
}

/** Guesses at the password of an account by whoever is signed in to it. */
export function passwordKey(accountId: string): ThrottleKey {
  return accountKey(`password:${accountId}`);
}

/** Guesses at an account from where its owner has signed in before. */
export function knownAddressKey(accountId: string, address: string): ThrottleKey {
  return accountKey(`known:${accountId}:${address}`);
}

export function addressKey(address: string): ThrottleKey {
  return { key: sha256(`address:${address}`), limit: addressLimit, isAccount: false };
}

function accountKey(name: string): ThrottleKey {
  return { key: sha256(name), limit: accountLimit, isAccount: true };
}

/** An account's owner has shown to know the password; an address stays what it was before. */
async function settleAttempt(tx: Tx, { key, isAccount }: ThrottleKey, isRight: boolean, now: Date) {
  if (isAccount && isRight) return store.deleteAttemptCounter(tx, key);
  const guesses = await store.lockAttemptCounter(tx, key, now);
  await store.saveAttemptCounter(tx, key, undoAttempt(guesses, now));
}

async function runExclusive<T>(
  queues: Map<string, LimitFunction>,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const turn = queues.get(key) ?? pLimit(1);
  queues.set(key, turn);
  if (turn.pendingCount >= maxQueuedAttempts) overloaded();
  try {
    return await turn(work);
  } finally {
    if (turn.activeCount + turn.pendingCount === 0) queues.delete(key);
  }
}
