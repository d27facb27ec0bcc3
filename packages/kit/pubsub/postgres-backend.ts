import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../db/connection.ts";
import type { ConnectionConfig } from "../db/connection-config.ts";
import { ConnectionLostError } from "../db/errors.ts";
import { createPostgresClient } from "../db/postgres-client.ts";
import { createSql } from "../db/sql.ts";
import type { PubSubConnector } from "./pubsub.ts";

const notifyChannel = "plaza_fan_out";
const maxReconnectDelayMs = 1_000;

/**
 * PubSub backend over LISTEN and NOTIFY of a PostgreSQL database, on one dedicated connection. NOTIFY takes a
 * server-wide lock at commit, so it runs in a transaction of its own. Reconnects with backoff and calls
 * `onGap` after each (re)connect.
 */
export function postgresBackend(config: ConnectionConfig, name: string): PubSubConnector {
  return ({ onBatch, onGap }) => {
    const closing = new AbortController();
    let connection: Connection | undefined;
    const db = createSql(createPostgresClient(config, name), (query) => {
      if (connection) connection.run(query);
      else query.reject(new ConnectionLostError(undefined));
    });

    async function listen(): Promise<void> {
      const lost = Promise.withResolvers<void>();
      const onChange = (one: Connection) => one.isLost && lost.resolve();
      connection = await Connection.open(config, name, onChange, (_, batch) => onBatch(batch));
      if (closing.signal.aborted) await connection.close(0);
      else await db`listen ${db(notifyChannel)}`;
      onGap();
      await lost.promise;
    }

    async function keepListening(): Promise<void> {
      for (let pauseMs = 50; !closing.signal.aborted; pauseMs *= 2) {
        const startedAt = performance.now();
        await listen().catch(() => undefined);
        connection = undefined;
        if (performance.now() - startedAt > maxReconnectDelayMs) pauseMs = 50;
        const pause = Math.min(pauseMs, maxReconnectDelayMs);
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }

    const stopped = keepListening();
    return {
      // The payload of NOTIFY must be shorter than 8,000 bytes.
      maxBytes: 7_900,
      send: (batch) => Promise.resolve(db.notify(notifyChannel, batch)),
      async close() {
        closing.abort();
        await connection?.close(1_000);
        await stopped;
      },
    };
  };
}
