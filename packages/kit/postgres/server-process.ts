import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../errors/operator-error.ts";
import type { DatabaseCluster } from "./database-cluster.ts";
import { spawnAsUser } from "./os-user.ts";
import { listClusterProcesses } from "./process-list.ts";
import { serverSettings } from "./server-settings.ts";

/** Enough to replay `max_wal_size` of WAL after a crash, on a slow disk. */
const startupTimeoutMs = 120_000;

const maxLogBytes = 5_000_000;

/** Shutdown modes in order (PostgreSQL manual, 18.5), and the time that each gets. */
const shutdownSignals = [
  { signal: "SIGINT", waitMs: 10_000 }, // fast: ends connections, writes a checkpoint
  { signal: "SIGQUIT", waitMs: 5_000 }, // immediate: recovers at the next start
  { signal: "SIGKILL", waitMs: 1_000 },
] as const;

/**
 * Starts the server and waits until it accepts connections. The server runs in a session of its own, so that
 * Ctrl-C reaches only Plaza, which stops it last; it outlives a Plaza that is killed. Throws an OperatorError
 * with the server's last fatal message when it does not start.
 */
export async function launchServer(cluster: DatabaseCluster): Promise<ChildProcess> {
  const { dataDir, logFile, osUser, postgresPath } = cluster;
  const log = openServerLog(logFile);
  const logStart = statSync(logFile).size;
  const settings = Object.entries(serverSettings(cluster));
  const args = ["-D", dataDir, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const child = spawnAsUser(osUser, postgresPath, args, [dataDir], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await once(child, "spawn");
  const deadline = performance.now() + startupTimeoutMs;
  while (!isPostmasterReady(cluster, child)) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new OperatorError(`PostgreSQL did not start: ${lastFatalLine(logFile, logStart)}`);
    }
    await sleep(10);
  }
  return child;
}

/** Whether a server of the cluster accepts connections, started by any process. */
export async function isAcceptingConnections(cluster: DatabaseCluster): Promise<boolean> {
  const servers = await listServers(cluster);
  return servers.some((server) => isPostmasterReady(cluster, server));
}

/**
 * Stops the server of the cluster, if one runs, and kills the orphaned backends of a killed one. Afterwards no
 * process uses the data. Usually takes a fraction of a second, 20 s at worst.
 */
export async function stopServer(cluster: DatabaseCluster): Promise<void> {
  for (const { signal, waitMs } of shutdownSignals) {
    const servers = await listServers(cluster);
    if (servers.length === 0) break;
    for (const { pid } of servers) killIfAlive(pid, signal);
    await waitUntilGone(cluster, ({ isServer }) => isServer, waitMs);
  }
  // Orphaned backends may be in a long query. SIGKILL is safe: the next server recovers from the WAL as after
  // any crash.
  for (const { pid } of await listClusterProcesses(cluster.name)) killIfAlive(pid, "SIGKILL");
  await waitUntilGone(cluster, () => true, 5_000);

  // A power cut leaves these files behind. When their process id belongs to another program by now,
  // PostgreSQL would refuse to start.
  rmSync(join(cluster.dataDir, "postmaster.pid"), { force: true });
  rmSync(join(cluster.socketDir, ".s.PGSQL.5432.lock"), { force: true });
}

/** The server, and children that it has just forked, whose command lines are still its own. */
async function listServers({ name }: DatabaseCluster): Promise<{ readonly pid: number }[]> {
  return (await listClusterProcesses(name)).filter(({ isServer }) => isServer);
}

async function waitUntilGone(
  { name }: DatabaseCluster,
  matches: (process: { isServer: boolean }) => boolean,
  waitMs: number,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (performance.now() < deadline && (await listClusterProcesses(name)).some(matches))
    await sleep(10);
}

/** The server writes its status to line 8 of postmaster.pid (PostgreSQL: miscinit.c). */
function isPostmasterReady(
  { dataDir }: DatabaseCluster,
  { pid }: { pid?: number | undefined },
): boolean {
  try {
    const lines = readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function openServerLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

function lastFatalLine(logFile: string, start: number): string {
  const lines = readFileSync(logFile).subarray(start).toString().trim().split("\n");
  const fatal = lines.findLast((line) => /\b(FATAL|PANIC):/.test(line)) ?? lines.at(-1);
  return fatal?.replace(/^.*?(FATAL|PANIC): +/, "") || `see ${logFile}`;
}

function killIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended.
  }
}
