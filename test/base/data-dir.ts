import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@plaza/kit/db/database";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { dropTestDatabase } from "@plaza/kit/testing/drop-database";

/** Where scripts/test-runner.mjs has the tests keep their data; undefined for benchmarks and single files. */
const testDataDir = process.env["PLAZA_TEST_DATA"];

/** Makes an empty data folder. */
export function newDataDir(): string {
  return mkdtempSync(path.join(testDataDir ?? tmpdir(), "plaza-test-"));
}

/**
 * Makes a data folder as the first start of Plaza leaves it, with databases and demo data: a copy of the one that
 * scripts/test-runner.mjs makes for all test files. Without that, or when DATABASE_URL names an external server,
 * the folder is empty, and the first start fills it.
 */
export function newSeededDataDir(): string {
  const dataDir = newDataDir();
  const cluster = testDataDir && path.join(testDataDir, "seeded", "postgres");
  if (cluster && existsSync(cluster)) {
    // Node's cpSync does not keep the owner, who has to be the user that runs PostgreSQL.
    execFileSync("cp", ["-a", cluster, dataDir]);
  }
  return dataDir;
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
  return { PLAZA_DATA: dataDir, DATABASE_URL: url.href };
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
