import type { Connection } from "./connection.ts";
import { type ConnectionConfig, parseConnectionUrl } from "./connection-config.ts";
import { ConnectionPool, type PoolOptions } from "./connection-pool.ts";
import { isInFailedTransaction } from "./errors.ts";
import { createPostgresClient, type PostgresClient } from "./postgres-client.ts";
import { createSql, type Db } from "./sql.ts";

export type { Db } from "./sql.ts";

/** A transaction; the first parameter of functions that must run inside one. */
export type Tx = Db & { readonly inTransaction: true };

/** Isolation level and access mode of BEGIN; read committed by default. */
export type TransactionMode =
  | "isolation level repeatable read"
  | "isolation level serializable"
  | "isolation level repeatable read read only"
  | "read only";

/** A connection pool that is also a query function, for statements outside transactions. */
export type Pool = Db & {
  /** Connection parameters of the database. */
  readonly connectionConfig: ConnectionConfig;
  /**
   * Runs `work` in a transaction and commits; when `work` or the commit fails, rolls back and rejects. When
   * the connection is lost, the transaction ends and none of its later statements is executed; only a loss
   * during the commit leaves the outcome unknown (ConnectionLostError). Inside `work` use its argument, never
   * the pool.
   */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  begin<T>(mode: TransactionMode, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Rejects new requests, waits up to `timeoutMs` (5 s by default) for running ones, disconnects. */
  end(options?: { timeoutMs?: number }): Promise<void>;
};

/**
 * Creates a connection pool; `config` is a URL (see `parseConnectionUrl`) or its parts. The first statement
 * connects. After an outage the pool reconnects by itself; until then statements fail at once with an error
 * for which `isUnavailable` is true. A server on which fsync, full_page_writes or synchronous_commit is off
 * is refused with an OperatorError, as is a database of another encoding than UTF8.
 *
 * Column names become camelCase. timestamptz is a Date (in milliseconds: declare columns `timestamptz(3)`),
 * bigint is a bigint like protobuf's int64 (write `count(*)::int` for a number), numeric, date and timestamp
 * are strings, bytea is a Buffer, json is parsed. One-dimensional arrays of these work in both directions;
 * cast array parameters: `any(${ids}::uuid[])`. An undefined parameter is a TypeError.
 */
export function connect(config: string | ConnectionConfig, options: PoolOptions = {}): Pool {
  const connectionConfig = typeof config === "string" ? parseConnectionUrl(config) : config;
  const client = createPostgresClient(connectionConfig, options.name ?? "plaza");
  const pool = new ConnectionPool(connectionConfig, options);
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
  return Object.assign(db, { connectionConfig, begin, end }) as Pool;
}

async function runTransaction<T>(
  client: PostgresClient,
  connection: Connection,
  begin: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let hasEnded = false;
  let failure: unknown;
  const db = createSql(client, (query) => {
    const { reject } = query;
    query.reject = (error) => {
      failure ??= error;
      reject(error);
    };
    if (hasEnded)
      query.reject(new Error("The transaction has ended; was a query in it not awaited?"));
    else connection.run(query);
  });
  try {
    await db.unsafe(begin);
    const result = await work(Object.assign(db, { inTransaction: true as const }));
    const { command } = await db`commit`;
    // COMMIT of a failed transaction rolls back and succeeds.
    if (command !== "COMMIT") {
      throw new Error("A statement of the transaction failed and its error was swallowed.");
    }
    return result;
  } catch (error) {
    if (!connection.isLost) await db`rollback`.catch(() => connection.close(0));
    // Of pipelined statements a later one may be rejected before the one that failed.
    throw isInFailedTransaction(error) ? failure : error;
  } finally {
    hasEnded = true;
  }
}
