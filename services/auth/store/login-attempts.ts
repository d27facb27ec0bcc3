import type { Db, Tx } from "@plaza/kit/db/database";
import type { AttemptCounter } from "../domain/login-attempts.ts";

/** Locks the counter until the transaction ends; inserts one when there is none. */
export async function lockAttemptCounter(
  tx: Tx,
  key: Uint8Array,
  now: Date,
): Promise<AttemptCounter> {
  const [counter] = await tx<[AttemptCounter]>`
    insert into guess (key, failures, block_time, forget_time) values (${key}, 0, ${now}, ${now})
    on conflict (key) do update set key = excluded.key
    returning failures, block_time, forget_time`;
  return counter;
}

export async function saveAttemptCounter(
  tx: Tx,
  key: Uint8Array,
  counter: AttemptCounter,
): Promise<void> {
  await tx`update guess set ${tx(counter)} where key = ${key}`;
}

export async function deleteAttemptCounter(tx: Tx, key: Uint8Array): Promise<void> {
  await tx`delete from guess where key = ${key}`;
}

export async function deleteExpiredAttemptCounters(db: Db, now: Date): Promise<void> {
  await db`delete from guess where forget_time <= ${now}`;
}
