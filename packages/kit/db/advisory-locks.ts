import type { Tx } from "./database.ts";

/**
 * Holds people until the transaction ends, though no row of the service may be theirs: of the transactions
 * that hold the same person one goes on at a time. Always in the order of the keys, so that people wait in
 * line and never for each other; whoever holds them and rows as well takes them first.
 */
export async function lockUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(id, 0) as key from unnest(${userIds}::text[]) as person (id)
      order by key
    ) as person`;
}
