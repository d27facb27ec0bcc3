import { mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { parseTarget, type Target } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import { type Cluster, prepareCluster, targetOf, tidyUp } from "../postgres/database-cluster.ts";
import { takeLock } from "../postgres/instance-lock.ts";
import { isServing, launchServer, stopServer } from "../postgres/server-process.ts";
import { dropTestDatabase } from "./drop-database.ts";

/** A PostgreSQL server for tests, shared by all processes that hold it. */
export type TestServer = {
  /** An administrator's way in; its database is not for tests. */
  readonly target: Target;
  /** Lets the server go; the last one to do so stops it. */
  release(): Promise<void>;
};

/** What the names of tests' databases begin with. */
export const testDatabasePrefix = "plaza_test_";

const holderName = "plaza-test-holder";
const lockWaitMs = 60_000;

/**
 * Gives the server that tests use: the one at `DATABASE_URL` if that is set, or else an embedded one
 * whose data is in the folder `PLAZA_TEST_DATA` (unless given, a folder of this user's in the
 * system's temporary one). It is started by the first process that holds it and stopped by the last.
 *
 * Who holds it is known by open connections, which the system closes for a process that dies.
 */
export async function holdTestServer(): Promise<TestServer> {
  const { DATABASE_URL, PLAZA_TEST_DATA } = process.env;
  if (DATABASE_URL) return { target: parseTarget(DATABASE_URL), release: async () => {} };
  const folder = PLAZA_TEST_DATA ?? join(tmpdir(), `plaza-test-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  const { cluster, holder } = await alone(folder, async () => {
    const cluster = await prepareCluster(join(folder, "postgres"));
    if (!(await isServing(cluster))) await startServer(cluster);
    const holder = connect(targetOf(cluster, "postgres"), {
      name: holderName,
      max: 1,
      idleMs: 86_400_000,
    });
    if ((await countOthers(holder)) === 0) await dropLeftovers(holder);
    return { cluster, holder };
  });
  return {
    target: targetOf(cluster, "postgres"),
    release: () => alone(folder, () => letGo(cluster, holder)),
  };
}

async function startServer(cluster: Cluster): Promise<void> {
  await stopServer(cluster);
  const server = await launchServer(cluster);
  server.unref();
}

async function letGo(cluster: Cluster, holder: Pool): Promise<void> {
  const others = await countOthers(holder);
  await holder.end();
  if (others > 0) return;
  await stopServer(cluster);
  tidyUp(cluster);
}

async function countOthers(holder: Pool): Promise<number> {
  const [others] = await holder<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where application_name = ${holderName} and pid <> pg_backend_pid()`;
  return others?.count ?? 0;
}

/** Drops the databases of processes that were killed. */
async function dropLeftovers(holder: Pool): Promise<void> {
  const leftovers = await holder<{ datname: string }[]>`
    select datname from pg_database where starts_with(datname, ${testDatabasePrefix})`;
  for (const { datname } of leftovers) await dropTestDatabase(holder, datname);
}

async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = takeLock(join(folder, "test-server.lock"), lockWaitMs);
  if (!lock) throw new Error(`The test server in ${folder} is busy.`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
