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

/** The PostgreSQL server that comes with Plaza. */
export type EmbeddedServer = {
  /** Connection parameters of a database, which may not exist yet; see `ensureDatabase`. */
  connectionConfig(database: string): ConnectionConfig;
  /** Shuts the server down with a checkpoint; takes 20 s at worst. */
  stop(): Promise<void>;
};

/** Options of `startEmbeddedServer`. */
export type EmbeddedServerOptions = {
  /** Plaza's data folder. */
  readonly dataDir: string;
  readonly log?: Logger;
};

/**
 * Starts a PostgreSQL server with its data in the folder `postgres` of `dataDir`, and supervises it: when it
 * dies, it is restarted, and pools reconnect by themselves. The caller must hold the lock of the data folder
 * (see `lockInstance`).
 *
 * First stops a server that a killed Plaza has left behind, so that the server is always a child of this
 * process. The server's own log is `postgres.log` in `dataDir`. Throws an OperatorError when the server
 * cannot run here.
 */
export async function startEmbeddedServer({
  dataDir,
  log = silentLogger,
}: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const cluster = await prepareCluster(join(resolve(dataDir), "postgres"));
  await stopServer(cluster);
  const stopping = new AbortController();
  const supervision = superviseServer(await launchServer(cluster), cluster, log, stopping.signal);
  return {
    connectionConfig: (database) => clusterConnectionConfig(cluster, database),
    async stop() {
      stopping.abort();
      await stopServer(cluster);
      await supervision;
      // The supervision may just have restarted it.
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
    log.error({ exitCode, signalCode }, "PostgreSQL stopped unexpectedly; restarting it");
    const next = await restartServer(cluster, log, stopping);
    if (!next || stopping.aborted) return;
    child = next;
    log.info("PostgreSQL is running again");
  }
}

/** Tries until the server runs; undefined when `stopping` aborts before. */
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
      log.error({ err: error }, "PostgreSQL cannot be restarted yet; trying again");
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => {});
    }
  }
  return undefined;
}
