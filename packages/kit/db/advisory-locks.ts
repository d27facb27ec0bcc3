import type { Tx } from "./database.ts";

/**
 * Takes transaction-level advisory locks, one for each user id, until commit or rollback; works without a
 * row to lock. Takes them in the order of their keys, so that two transactions never deadlock on them. Call
 * it before any row lock.
 */
export async function lockUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(id, 0) as key from unnest(${userIds}::text[]) as listed (id)
      order by key
    ) as ordered`;
}
