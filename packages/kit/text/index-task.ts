import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, Tx } from "../db/database.ts";

const intervalMs = 5_000;
const runMs = 2_000;
const batchRows = 50;

/**
 * A periodic job that computes the search words of rows that have none yet, in small transactions, newest first; it
 * goes on where it was stopped. `find` returns up to `limit` of them, `save` stores the words of one. One process at a
 * time, so that rows get their numbers in order.
 */
export function indexTask<Row>(
  db: Pool,
  table: string,
  find: (tx: Tx, limit: number) => Promise<readonly Row[]>,
  save: (tx: Tx, row: Row) => Promise<void>,
) {
  async function indexBatch(tx: Tx): Promise<number> {
    const [lock] = await tx<{ isHeld: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtext(${`index ${table}`})) as is_held`;
    if (!lock?.isHeld) return 0;
    const rows = await find(tx, batchRows);
    for (const row of rows) await save(tx, row);
    return rows.length;
  }

  return {
    name: `index ${table}`,
    intervalMs,
    async run(): Promise<void> {
      for (const startMs = performance.now(); performance.now() - startMs < runMs; ) {
        if ((await db.begin(indexBatch)) < batchRows) return;
        // Leaves the event loop and the database to calls.
        await sleep(10);
      }
    },
  };
}
