import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../db/connection.ts";
import type { Target } from "../db/connection-config.ts";
import { ConnectionLost } from "../db/errors.ts";
import { makeClient } from "../db/postgres-client.ts";
import { queries } from "../db/sql.ts";
import type { OpenCarrier } from "./pubsub.ts";

const channel = "plaza_fan_out";
const longestPauseMs = 1_000;

/**
 * Carries texts by NOTIFY of one PostgreSQL database, over one connection of its own that listens and sends.
 * NOTIFY takes a lock of the whole server as its transaction commits, hence it is never part of one that
 * does anything else. A lost connection is replaced, again and again; then something may have been missed.
 */
export function postgresCarrier(target: Target, name: string): OpenCarrier {
  return ({ received, missed }) => {
    const closing = new AbortController();
    let connection: Connection | undefined;
    const db = queries(makeClient(target, name), (query) => {
      if (connection) connection.run(query);
      else query.reject(new ConnectionLost(undefined));
    });

    async function listen(): Promise<void> {
      const lost = Promise.withResolvers<void>();
      const onChange = (one: Connection) => one.isLost && lost.resolve();
      connection = await Connection.open(target, name, onChange, (_, text) => received(text));
      if (closing.signal.aborted) await connection.close(0);
      else await db`listen ${db(channel)}`;
      missed();
      await lost.promise;
    }

    async function keepListening(): Promise<void> {
      for (let pauseMs = 50; !closing.signal.aborted; pauseMs *= 2) {
        const startedAt = performance.now();
        await listen().catch(() => undefined);
        connection = undefined;
        if (performance.now() - startedAt > longestPauseMs) pauseMs = 50;
        const pause = Math.min(pauseMs, longestPauseMs);
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }

    const kept = keepListening();
    return {
      // PostgreSQL takes less than 8,000.
      maxBytes: 7_900,
      send: (text) => Promise.resolve(db.notify(channel, text)),
      async close() {
        closing.abort();
        await connection?.close(1_000);
        await kept;
      },
    };
  };
}
