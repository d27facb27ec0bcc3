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

/** The counter of an attempt. */
export type ThrottleKey = {
  readonly key: Uint8Array;
  readonly limit: AttemptLimit;
  readonly isAccount: boolean;
};

/** Limits password attempts. */
export type LoginThrottle = {
  /**
   * Makes an attempt and counts it as failed unless it succeeds. Throws TOO_MANY_ATTEMPTS, without making
   * the attempt, while a counter blocks.
   */
  attempt<T>(
    keys: readonly ThrottleKey[],
    run: () => Promise<T>,
    isSuccess: (result: T) => boolean,
  ): Promise<T>;
};

const maxQueuedAttempts = 50;

export function createLoginThrottle(db: Pool, now: () => Date): LoginThrottle {
  const queues = new Map<string, LimitFunction>();

  const recordAttempts = (keys: readonly ThrottleKey[]): Promise<void> =>
    db.begin(async (tx) => {
      for (const { key, limit } of keys) {
        const counter = await store.lockAttemptCounter(tx, key, now());
        await store.saveAttemptCounter(tx, key, recordAttempt(counter, limit, now()));
      }
    });
  const settleAttempts = (keys: readonly ThrottleKey[], isSuccess: boolean): Promise<void> =>
    db.begin(async (tx) => {
      for (const key of keys) await settleAttempt(tx, key, isSuccess, now());
    });

  async function runAttempt<T>(
    keys: readonly ThrottleKey[],
    run: () => Promise<T>,
    isSuccess: (result: T) => boolean,
  ): Promise<T> {
    await recordAttempts(keys);
    let result: T;
    try {
      result = await run();
    } catch (error) {
      await settleAttempts(keys, false);
      throw error;
    }
    if (isSuccess(result)) await settleAttempts(keys, true);
    return result;
  }

  return {
    attempt(keys, run, isSuccess) {
      const account = keys.find(({ isAccount }) => isAccount);
      const work = () => runAttempt(keys, run, isSuccess);
      // An attempt counts as failed while it runs. One at a time, so that concurrent successful attempts
      // at an account do not count as failed ones.
      return account
        ? runExclusive(queues, Buffer.from(account.key).toString("base64"), work)
        : work();
    },
  };
}

/** Attempts at a login, whether or not there is such an account. */
export function loginKey(login: string): ThrottleKey {
  return accountKey(`login:${login.toLowerCase()}`);
}

/** Attempts at the current password by a caller who is signed in. */
export function passwordKey(accountId: string): ThrottleKey {
  return accountKey(`password:${accountId}`);
}

/** Attempts at an account from a network where it has signed in before. */
export function knownAddressKey(accountId: string, address: string): ThrottleKey {
  return accountKey(`known:${accountId}:${address}`);
}

export function addressKey(address: string): ThrottleKey {
  return { key: sha256(`address:${address}`), limit: addressLimit, isAccount: false };
}

function accountKey(name: string): ThrottleKey {
  return { key: sha256(name), limit: accountLimit, isAccount: true };
}

/** Success resets an account's counter; an address's counter is only restored. */
async function settleAttempt(
  tx: Tx,
  { key, isAccount }: ThrottleKey,
  isSuccess: boolean,
  now: Date,
) {
  if (isAccount && isSuccess) return store.deleteAttemptCounter(tx, key);
  const counter = await store.lockAttemptCounter(tx, key, now);
  await store.saveAttemptCounter(tx, key, undoAttempt(counter, now));
}

async function runExclusive<T>(
  queues: Map<string, LimitFunction>,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const queue = queues.get(key) ?? pLimit(1);
  queues.set(key, queue);
  if (queue.pendingCount >= maxQueuedAttempts) overloaded();
  try {
    return await queue(work);
  } finally {
    if (queue.activeCount + queue.pendingCount === 0) queues.delete(key);
  }
}
