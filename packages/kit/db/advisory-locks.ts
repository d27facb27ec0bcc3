import type { Tx } from "./database.ts";

/** Holders of a shared lock exclude those of an exclusive one, and not each other. */
export type LockMode = "exclusive" | "shared";

/**
 * Takes transaction-level advisory locks, one for each user id, until commit or rollback; works without a
 * row to lock. Takes them in the order of their keys, so that two transactions never deadlock on them. Call
 * it before any row lock.
 */
export async function lockUsers(
  tx: Tx,
  userIds: readonly string[],
  mode: LockMode = "exclusive",
): Promise<void> {
  const lock =
    mode === "shared" ? tx`pg_advisory_xact_lock_shared(key)` : tx`pg_advisory_xact_lock(key)`;
  await tx`
    select ${lock} from (
      select distinct hashtextextended(id::text, 0) as key
      from unnest(${userIds}::uuid[]) as listed (id)
      order by key
    ) as ordered`;
}
