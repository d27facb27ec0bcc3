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
 * Carries texts by NOTIFY of one PostgreSQL database, over one connection of its own that listens and sends.
 * NOTIFY takes a lock of the whole server as its transaction commits, hence it is never part of one that
 * does anything else. A lost connection is replaced, again and again; then something may have been missed.
 */
export function postgresBackend(target: ConnectionConfig, name: string): PubSubConnector {
  return ({ received, missed }) => {
    const closing = new AbortController();
    let connection: Connection | undefined;
    const db = createSql(createPostgresClient(target, name), (query) => {
      if (connection) connection.run(query);
      else query.reject(new ConnectionLostError(undefined));
    });

    async function listen(): Promise<void> {
      const lost = Promise.withResolvers<void>();
      const onChange = (one: Connection) => one.isLost && lost.resolve();
      connection = await Connection.open(target, name, onChange, (_, text) => received(text));
      if (closing.signal.aborted) await connection.close(0);
      else await db`listen ${db(notifyChannel)}`;
      missed();
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

    const kept = keepListening();
    return {
      // PostgreSQL takes less than 8,000.
      maxBytes: 7_900,
      send: (text) => Promise.resolve(db.notify(notifyChannel, text)),
      async close() {
        closing.abort();
        await connection?.close(1_000);
        await kept;
      },
    };
  };
}
