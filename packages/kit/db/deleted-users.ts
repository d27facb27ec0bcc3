import { invalidSession } from "../errors/fault.ts";
import { type LockMode, lockUsers } from "./advisory-locks.ts";
import type { Db, Tx } from "./database.ts";

/**
 * Records that a user was deleted; the handler of UserDeleted calls it before it deletes what is theirs. It
 * waits for the transactions that called `findDeletedUsers`, so that the handler sees all that they wrote; every
 * later one finds the user deleted.
 */
export async function insertDeletedUser(tx: Tx, userId: string): Promise<void> {
  await lockUsers(tx, [userId]);
  await tx`insert into deleted_user (user_id) values (${userId}) on conflict do nothing`;
}

/**
 * The ids of those users who were deleted, in lower case; the others cannot be until the transaction ends. Call
 * it in every transaction that writes something which UserDeleted deletes, before any row lock. `shared` lets
 * such transactions run side by side; `exclusive` lets those of one user run one at a time.
 */
export async function findDeletedUsers(
  tx: Tx,
  userIds: readonly string[],
  mode: LockMode = "shared",
): Promise<Set<string>> {
  // Two statements, because one would read in a snapshot from before it waited for the lock.
  const [, deleted] = await Promise.all([
    lockUsers(tx, userIds, mode),
    tx<{ userId: string }[]>`
      select user_id from deleted_user where user_id = any(${userIds}::uuid[])`,
  ]);
  return new Set(deleted.map(({ userId }) => userId));
}

/** Whether a user was deleted, for a read: a transaction that writes calls `findDeletedUsers`. */
export async function isDeletedUser(db: Db, userId: string): Promise<boolean> {
  const [row] = await db`select from deleted_user where user_id = ${userId}`;
  return row !== undefined;
}

/** Throws INVALID_SESSION when the caller's account was deleted; see `findDeletedUsers`. */
export async function requireUndeletedUser(tx: Tx, userId: string): Promise<void> {
  const deleted = await findDeletedUsers(tx, [userId]);
  if (deleted.size > 0) throw invalidSession();
}
