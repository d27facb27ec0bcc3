import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@plaza/kit/db/database";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { dropTestDatabase } from "@plaza/kit/testing/drop-database";

/** Where the test runner has tests, and the benchmarks that they run, keep their data; undefined without it. */
export const testDataDir = process.env["PLAZA_TEST_DATA"];

/** Where the test runner makes the demo data that tests copy. */
const seededDataDir = testDataDir && path.join(testDataDir, "seeded");

/** What the names of folders begin with whose databases on an external server are to be copies. */
const seededPrefix = "plaza-seeded-";

/** Makes an empty data folder. */
export function newDataDir(prefix = "plaza-test-"): string {
  return mkdtempSync(path.join(testDataDir ?? tmpdir(), prefix));
}

/**
 * Makes a data folder as the first start of Plaza leaves it, with databases and demo data: a copy of the one that
 * scripts/test-runner.mjs makes for all test files. Without that the folder is empty, and the first start fills it.
 */
export function newSeededDataDir(): string {
  const dataDir = newDataDir(seededPrefix);
  copySeededData(dataDir);
  return dataDir;
}

/** Copies the demo data into an empty data folder; does nothing where the test runner has not made any. */
export function copySeededData(dataDir: string): void {
  const cluster = seededDataDir && path.join(seededDataDir, "postgres");
  if (!cluster || !existsSync(cluster)) return;
  // Node's cpSync does not keep the owner, who has to be the user that runs PostgreSQL.
  execFileSync("cp", ["-a", cluster, dataDir]);
}

/**
 * The environment under which Plaza uses the data folder. When DATABASE_URL names an external server,
 * each folder has databases of its own there, so that tests can run side by side.
 */
export async function dataDirEnv(dataDir: string): Promise<Record<string, string>> {
  const server = process.env["DATABASE_URL"];
  if (!server) return { PLAZA_DATA: dataDir };
  const url = new URL(server);
  url.pathname = databaseNameOf(dataDir);
  await ensureDatabase(server, databaseNameOf(dataDir));
  if (path.basename(dataDir).startsWith(seededPrefix)) await copySeededDatabases(server, dataDir);
  return { PLAZA_DATA: dataDir, DATABASE_URL: url.href };
}

/** Copies the demo data's databases on an external server, if there are any and this has not been done. */
async function copySeededDatabases(server: string, dataDir: string): Promise<void> {
  if (!seededDataDir) return;
  const prefix = `${databaseNameOf(seededDataDir)}_`;
  const admin = connect(server, { max: 1 });
  try {
    const templates = await admin<{ datname: string }[]>`
      select datname from pg_database where starts_with(datname, ${prefix})`;
    for (const { datname } of templates) {
      const name = `${databaseNameOf(dataDir)}_${datname.slice(prefix.length)}`;
      const [found] = await admin`select 1 from pg_database where datname = ${name}`;
      if (!found) await admin`create database ${admin(name)} template ${admin(datname)}`;
    }
  } finally {
    await admin.end();
  }
}

/** Deletes the data folder, and its databases on an external server. */
export async function removeDataDir(dataDir: string): Promise<void> {
  rmSync(dataDir, { recursive: true, force: true });
  const server = process.env["DATABASE_URL"];
  if (!server) return;
  const admin = connect(server, { max: 1 });
  try {
    const databases = await admin<{ datname: string }[]>`
      select datname from pg_database where starts_with(datname, ${databaseNameOf(dataDir)})`;
    for (const { datname } of databases) await dropTestDatabase(admin, datname);
  } finally {
    await admin.end();
  }
}

function databaseNameOf(dataDir: string): string {
  return `plaza_test_${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`;
}
