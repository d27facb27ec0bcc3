import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionConfig } from "../db/connection-config.ts";
import { type Logger, silentLogger } from "../telemetry/log.ts";
import {
  clusterConnectionConfig,
  type DatabaseCluster,
  prepareCluster,
  removeSocketDir,
} from "./database-cluster.ts";
import { launchServer, stopServer } from "./server-process.ts";

/** The PostgreSQL server that Plaza brings along. */
export type EmbeddedServer = {
  /** Where a database of the server is; `ensureDatabase` creates it. */
  connectionConfig(database: string): ConnectionConfig;
  /** Ends connections, writes everything out and waits for the server's end, 20 s at worst. */
  stop(): Promise<void>;
};

/**
 * Starts a real PostgreSQL server whose data is in the folder `postgres` of `dataDir`, Plaza's data
 * folder, and keeps it running: should it die, it is started again, and pools connect again by
 * themselves. The caller holds the lock of the folder (see `lockInstance`).
 *
 * A server left behind by a Plaza that was killed is stopped first, so that the one that runs is
 * always a child of this process. The server's own log is `postgres.log` in `dataDir`.
 * Throws a StartError when the server cannot run here.
 */
export async function startEmbeddedServer(options: {
  dataDir: string;
  log?: Logger;
}): Promise<EmbeddedServer> {
  const { dataDir, log = silentLogger } = options;
  const cluster = await prepareCluster(join(resolve(dataDir), "postgres"));
  await stopServer(cluster);
  const stopping = new AbortController();
  const kept = superviseServer(await launchServer(cluster), cluster, log, stopping.signal);
  return {
    connectionConfig: (database) => clusterConnectionConfig(cluster, database),
    async stop() {
      stopping.abort();
      await stopServer(cluster);
      await kept;
      // It may just have been started again.
      await stopServer(cluster);
      removeSocketDir(cluster);
    },
  };
}

async function superviseServer(
  server: ChildProcess,
  cluster: DatabaseCluster,
  log: Logger,
  stopping: AbortSignal,
): Promise<void> {
  for (let child = server; ; ) {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    if (stopping.aborted) return;
    const { exitCode, signalCode } = child;
    log.error({ exitCode, signalCode }, "PostgreSQL has died; starting it again");
    const next = await restartServer(cluster, log, stopping);
    if (!next || stopping.aborted) return;
    child = next;
    log.info("PostgreSQL is back");
  }
}

/** Tries until the server runs, or until stopped, which answers undefined. */
async function restartServer(
  cluster: DatabaseCluster,
  log: Logger,
  stopping: AbortSignal,
): Promise<ChildProcess | undefined> {
  for (let pauseMs = 100; !stopping.aborted; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    try {
      await stopServer(cluster);
      return await launchServer(cluster);
    } catch (error) {
      log.error({ err: error }, "PostgreSQL cannot be started again yet");
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => {});
    }
  }
  return undefined;
}
