import { mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type ConnectionConfig, parseConnectionUrl } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import {
  clusterConnectionConfig,
  type DatabaseCluster,
  prepareCluster,
  removeSocketDir,
} from "../postgres/database-cluster.ts";
import { acquireFileLock } from "../postgres/file-lock.ts";
import { isAcceptingConnections, launchServer, stopServer } from "../postgres/server-process.ts";
import { dropTestDatabase } from "./drop-database.ts";

/** A PostgreSQL server for tests, shared by all test processes. */
export type TestPostgres = {
  /** Connection parameters with the right to create databases; tests must not use its own database. */
  readonly connectionConfig: ConnectionConfig;
  /** Releases the server; the last process to do so stops it. */
  release(): Promise<void>;
};

/** Prefix of the names of test databases. */
export const testDatabasePrefix = "plaza_test_";

const holderApplicationName = "plaza-test-holder";
const lockWaitMs = 60_000;

/**
 * Acquires the server for tests: the one at `DATABASE_URL` if that is set, otherwise an embedded one with its
 * data in the folder `PLAZA_TEST_DATA`, by default one in the system's temporary folder. The first process
 * that acquires it starts it, the last one that releases it stops it.
 *
 * A process holds it by an open connection, which the system closes when the process dies.
 */
export async function acquireTestPostgres(): Promise<TestPostgres> {
  const { DATABASE_URL, PLAZA_TEST_DATA } = process.env;
  if (DATABASE_URL)
    return { connectionConfig: parseConnectionUrl(DATABASE_URL), release: async () => {} };
  const folder = PLAZA_TEST_DATA ?? join(tmpdir(), `plaza-test-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  const { cluster, holder } = await withFileLock(folder, async () => {
    const cluster = await prepareCluster(join(folder, "postgres"));
    if (!(await isAcceptingConnections(cluster))) await startDetachedServer(cluster);
    const holder = connect(clusterConnectionConfig(cluster, "postgres"), {
      name: holderApplicationName,
      max: 1,
      idleMs: 86_400_000,
    });
    if ((await countOtherHolders(holder)) === 0) await dropLeftoverDatabases(holder);
    return { cluster, holder };
  });
  return {
    connectionConfig: clusterConnectionConfig(cluster, "postgres"),
    release: () => withFileLock(folder, () => releaseServer(cluster, holder)),
  };
}

async function startDetachedServer(cluster: DatabaseCluster): Promise<void> {
  await stopServer(cluster);
  const server = await launchServer(cluster);
  server.unref();
}

async function releaseServer(cluster: DatabaseCluster, holder: Pool): Promise<void> {
  const others = await countOtherHolders(holder);
  await holder.end();
  if (others > 0) return;
  await stopServer(cluster);
  removeSocketDir(cluster);
}

async function countOtherHolders(holder: Pool): Promise<number> {
  const [others] = await holder<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where application_name = ${holderApplicationName} and pid <> pg_backend_pid()`;
  return others?.count ?? 0;
}

/** Drops the databases of processes that were killed. */
async function dropLeftoverDatabases(holder: Pool): Promise<void> {
  const leftovers = await holder<{ datname: string }[]>`
    select datname from pg_database where starts_with(datname, ${testDatabasePrefix})`;
  for (const { datname } of leftovers) await dropTestDatabase(holder, datname);
}

async function withFileLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = acquireFileLock(join(folder, "test-server.lock"), lockWaitMs);
  if (!lock) throw new Error(`The test server in ${folder} is busy.`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
