import type { Db, Pool, Tx } from "../db/database.ts";

/** Numbers of rows of a table that were read by sequential scans, and fetched by index scans. */
export type RowCounts = { readonly scanned: number; readonly fetched: number };

/**
 * Runs `work` in a transaction with generic plans, which PostgreSQL uses for prepared statements, and returns
 * how many rows of `table` it really reads; `explain` would show the planner's estimates only. Runs `work` once
 * before and rolls that back, because planning also reads rows, at the ends of indexes.
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
  const [counts] = await db<RowCounts[]>`
    select seq_tup_read::int as scanned, coalesce(idx_tup_fetch, 0)::int as fetched
    from pg_stat_xact_user_tables where relid = ${table}::regclass`;
  if (!counts) throw new Error(`there is no table ${table}`);
  return counts;
}
