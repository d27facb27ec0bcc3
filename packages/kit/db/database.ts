import type { Connection } from "./connection.ts";
import { type ConnectionConfig, parseConnectionUrl } from "./connection-config.ts";
import { ConnectionPool, type PoolOptions } from "./connection-pool.ts";
import { isInFailedTransaction } from "./errors.ts";
import { createPostgresClient, type PostgresClient } from "./postgres-client.ts";
import { createSql, type Db } from "./sql.ts";

export type { Db } from "./sql.ts";

/** A transaction: what a function takes that makes sense only inside one. */
export type Tx = Db & { readonly inTransaction: true };

/** Isolation and access mode as PostgreSQL's BEGIN takes them; read committed unless given. */
export type TransactionMode =
  | "isolation level repeatable read"
  | "isolation level serializable"
  | "isolation level repeatable read read only"
  | "read only";

/** Connections to one database; call it as a template tag to run a statement of its own. */
export type Pool = Db & {
  /** Where it leads. */
  readonly connectionConfig: ConnectionConfig;
  /**
   * Runs `work` in a transaction and commits; when `work` or the commit fails, rolls back and
   * rejects. When the connection is lost, the transaction is over: nothing more of it is executed,
   * and only a loss during the commit itself leaves its outcome unknown (ConnectionLost).
   * Inside `work` use the transaction it is given, never the pool.
   */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  begin<T>(mode: TransactionMode, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Refuses new work, waits up to `timeoutMs` (5 s unless given) for what runs, disconnects. */
  end(options?: { timeoutMs?: number }): Promise<void>;
};

/**
 * Makes a pool for the database at `target`, a URL (see `parseTarget`) or its parts. Nothing is
 * connected before the first statement; afterwards the pool connects again by itself whenever the
 * server was away, and meanwhile statements fail at once with an error for which `isUnavailable`
 * is true. A server on which fsync, full_page_writes or synchronous_commit is off is refused with a
 * StartError.
 *
 * Rows arrive with camelCase names. Values: timestamptz is a Date (milliseconds: declare columns
 * `timestamptz(3)`), bigint is a bigint as in protobuf's int64 (write `count(*)::int` for a number),
 * numeric, date and timestamp are strings, bytea is a Buffer, json is parsed. One-dimensional
 * arrays of these work both ways; give a parameter its type with a cast: `any(${ids}::uuid[])`.
 * An undefined parameter is a TypeError.
 */
export function connect(config: string | ConnectionConfig, options: PoolOptions = {}): Pool {
  const parsed = typeof config === "string" ? parseConnectionUrl(config) : config;
  const client = createPostgresClient(parsed, options.name ?? "plaza");
  const pool = new ConnectionPool(parsed, options);
  const db = createSql(client, (query) => pool.run(query));

  const begin = async (...args: [unknown] | [TransactionMode, unknown]): Promise<unknown> => {
    const work = args.at(-1) as (tx: Tx) => Promise<unknown>;
    const mode = args.length === 2 ? args[0] : "";
    const connection = await pool.acquire();
    try {
      return await runTransaction(client, connection, `begin ${mode}`, work);
    } finally {
      pool.release(connection);
    }
  };
  const end = ({ timeoutMs = 5000 } = {}): Promise<void> => pool.end(timeoutMs);
  return Object.assign(db, { connectionConfig: parsed, begin, end }) as Pool;
}

async function runTransaction<T>(
  client: PostgresClient,
  connection: Connection,
  begin: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let over = false;
  let failure: unknown;
  const db = createSql(client, (query) => {
    const { reject } = query;
    query.reject = (error) => {
      failure ??= error;
      reject(error);
    };
    if (over) query.reject(new Error("The transaction is over; was a query in it not awaited?"));
    else connection.run(query);
  });
  try {
    await db.unsafe(begin);
    const result = await work(Object.assign(db, { inTransaction: true as const }));
    const { command } = await db`commit`;
    // PostgreSQL answers COMMIT of a failed transaction with a rollback, without an error.
    if (command !== "COMMIT") {
      throw new Error("A statement of the transaction failed and its error was swallowed.");
    }
    return result;
  } catch (error) {
    if (!connection.isLost) await db`rollback`.catch(() => connection.close(0));
    // Of statements that were sent together, one behind the cause may be rejected first.
    throw isInFailedTransaction(error) ? failure : error;
  } finally {
    over = true;
  }
}
