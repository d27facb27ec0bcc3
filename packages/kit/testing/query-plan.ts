import type { Db, Pool, Tx } from "../db/database.ts";

/** Rows of a table that statements read: one after the other, and by way of an index. */
export type RowCounts = { readonly scanned: number; readonly fetched: number };

/**
 * Runs `work` in a transaction, with the plans that PostgreSQL makes for prepared statements once it
 * no longer looks at their parameters, and answers how many rows of `table` they really read. That
 * says what a plan is worth, while `explain` only says what the planner expects of it. `work` is run
 * once before and undone, for planning looks at rows too, at the ends of indexes.
 */
export function countRowsRead(
  pool: Pool,
  table: string,
  work: (tx: Tx) => Promise<unknown>,
): Promise<RowCounts> {
  return pool.begin(async (tx) => {
    await tx`set local plan_cache_mode = force_generic_plan`;
    await tx`savepoint planned`;
    await work(tx);
    await tx`rollback to planned`;
    const before = await readCounters(tx, table);
    await work(tx);
    const after = await readCounters(tx, table);
    return { scanned: after.scanned - before.scanned, fetched: after.fetched - before.fetched };
  });
}

async function readCounters(db: Db, table: string): Promise<RowCounts> {
  const [read] = await db<RowCounts[]>`
    select seq_tup_read::int as scanned, coalesce(idx_tup_fetch, 0)::int as fetched
    from pg_stat_xact_user_tables where relid = ${table}::regclass`;
  if (!read) throw new Error(`there is no table ${table}`);
  return read;
}
