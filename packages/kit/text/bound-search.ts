import type { Pool, Tx } from "../db/database.ts";
import { isQueryCanceled } from "../db/errors.ts";
import { Fault } from "../errors/fault.ts";

/** No statement of a search takes the database longer. */
const searchTimeoutMs = 2_000;

/** Runs the statements of a search in a transaction. Throws SEARCH_TOO_COSTLY when one of them takes over 2 s. */
export async function boundSearch<T>(db: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.begin("read only", async (tx) => {
      await tx.unsafe(`set local statement_timeout = ${searchTimeoutMs}`);
      return work(tx);
    });
  } catch (cause) {
    if (!isQueryCanceled(cause)) throw cause;
    const message = "the search took too long; use more specific words";
    throw new Fault("exhausted", "SEARCH_TOO_COSTLY", message, { cause });
  }
}
