import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../errors/operator-error.ts";
import type { Cluster } from "./database-cluster.ts";
import { spawnAs } from "./os-user.ts";
import { listProcesses } from "./process-list.ts";
import { serverSettings } from "./server-settings.ts";

/** Long enough to replay `max_wal_size` of log after a crash, on a slow disk. */
const startTimeoutMs = 120_000;

const maxLogBytes = 5_000_000;

/** How a server is asked to stop (PostgreSQL manual, 18.5), and how long it gets each time. */
const stopSteps = [
  { signal: "SIGINT", waitMs: 10_000 }, // fast: ends connections, writes a checkpoint
  { signal: "SIGQUIT", waitMs: 5_000 }, // immediate: recovers at the next start
  { signal: "SIGKILL", waitMs: 1_000 },
] as const;

/**
 * Starts the server and waits until it takes connections. It runs in a session of its own, so that
 * Ctrl-C in a terminal reaches only Plaza, which stops it last. It outlives a Plaza that is killed.
 * Throws a StartError with the server's own words when it gives up.
 */
export async function launchServer(cluster: Cluster): Promise<ChildProcess> {
  const { dataDir, logFile, owner, server } = cluster;
  const log = openLog(logFile);
  const logStart = statSync(logFile).size;
  const settings = Object.entries(serverSettings(cluster));
  const args = ["-D", dataDir, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const child = spawnAs(owner, server, args, [dataDir], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await once(child, "spawn");
  const deadline = performance.now() + startTimeoutMs;
  while (!isReady(cluster, child)) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new StartError(`PostgreSQL did not start: ${lastWords(logFile, logStart)}`);
    }
    await sleep(10);
  }
  return child;
}

/** Says whether a server of the cluster runs and takes connections, whoever started it. */
export async function isServing(cluster: Cluster): Promise<boolean> {
  const server = (await listProcesses(cluster.name)).find(({ isServer }) => isServer);
  return server !== undefined && isReady(cluster, server);
}

/**
 * Stops the cluster's server, if one runs, and ends what a killed one has left behind. Afterwards no
 * process uses the data. Takes a fraction of a second as a rule, 20 s at worst.
 */
export async function stopServer(cluster: Cluster): Promise<void> {
  for (const { signal, waitMs } of stopSteps) {
    const server = (await listProcesses(cluster.name)).find(({ isServer }) => isServer);
    if (!server) break;
    kill(server.pid, signal);
    await vanished(cluster, ({ isServer }) => isServer, waitMs);
  }
  // The children of a killed server, which might be deep in a long query. Ending them hard is safe:
  // the next server recovers from the log as after any crash.
  for (const { pid } of await listProcesses(cluster.name)) kill(pid, "SIGKILL");
  await vanished(cluster, () => true, 5_000);

  // A power cut leaves these files, and by then any process may have the id in them: PostgreSQL
  // would refuse to start.
  rmSync(join(cluster.dataDir, "postmaster.pid"), { force: true });
  rmSync(join(cluster.socketDir, ".s.PGSQL.5432.lock"), { force: true });
}

async function vanished(
  { name }: Cluster,
  which: (process: { isServer: boolean }) => boolean,
  waitMs: number,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (performance.now() < deadline && (await listProcesses(name)).some(which)) await sleep(10);
}

/** The server writes "ready" into the last line of this file (PostgreSQL: miscinit.c). */
function isReady({ dataDir }: Cluster, { pid }: { pid?: number | undefined }): boolean {
  try {
    const lines = readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

function lastWords(logFile: string, start: number): string {
  const lines = readFileSync(logFile).subarray(start).toString().trim().split("\n");
  const fatal = lines.findLast((line) => /\b(FATAL|PANIC):/.test(line)) ?? lines.at(-1);
  return fatal?.replace(/^.*?(FATAL|PANIC): +/, "") || `see ${logFile}`;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone by itself.
  }
}
