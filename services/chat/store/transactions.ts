import type { Db, Tx } from "@plaza/kit/db/database";

/** Names the transaction. */
export async function currentTransactionId(tx: Tx): Promise<string> {
  const [row] = await tx<{ transaction: string }[]>`
    select pg_current_xact_id()::text as transaction`;
  if (!row) throw new Error("PostgreSQL answered no transaction");
  return row.transaction;
}

/** Which of the transactions are over, committed or not. */
export async function findEndedTransactions(
  db: Db,
  transactions: readonly string[],
): Promise<string[]> {
  const rows = await db<{ transaction: string }[]>`
    select transaction from unnest(${transactions}::text[]) as transaction
    where pg_visible_in_snapshot(transaction::xid8, pg_current_snapshot())`;
  return rows.map(({ transaction }) => transaction);
}
