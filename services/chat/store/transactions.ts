import type { Db, Tx } from "@plaza/kit/db/database";

/** The id of the transaction. */
export async function currentTransactionId(tx: Tx): Promise<string> {
  const [row] = await tx<{ transaction: string }[]>`
    select pg_current_xact_id()::text as transaction`;
  if (!row) throw new Error("PostgreSQL returned no transaction");
  return row.transaction;
}

/** Those of the transactions that have ended, committed or not. */
export async function findEndedTransactions(
  db: Db,
  transactions: readonly string[],
): Promise<string[]> {
  const rows = await db<{ transaction: string }[]>`
    select transaction from unnest(${transactions}::text[]) as transaction
    where pg_visible_in_snapshot(transaction::xid8, pg_current_snapshot())`;
  return rows.map(({ transaction }) => transaction);
}
