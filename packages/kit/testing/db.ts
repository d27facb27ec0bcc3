import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ConnectionConfig } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import { kitMigrations, migrate, migrateDown, migrateUp, migrationStatus } from "../db/migrate.ts";
import { readMigrations } from "../db/migration-files.ts";
import { TestDatabases } from "./databases.ts";
import { dumpSchema } from "./schema-dump.ts";

const databases = new TestDatabases();
const pools: Pool[] = [];

// Registered when this module loads, so that it runs at the end of the test file, after the hooks of all
// suites, which may still need their databases.
after(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await databases.close();
});

/**
 * Creates a database for the suite that calls it (inside `describe`), with kit's tables and those of the folder
 * `migrations`. It is cloned from a template, which is created once for each set of migrations, and dropped at
 * the end of the test file; the file fails when connections are still open then. Returns a function that
 * returns the suite's pool, from its `before` hooks on.
 */
export function testDatabase(migrations: URL): () => Pool {
  return createSuitePool(() => databases.createMigrated(migrations));
}

/** Like `testDatabase`, but without tables; the function returns connection parameters instead of a pool. */
export function emptyDatabase(): () => ConnectionConfig {
  let config: ConnectionConfig | undefined;
  before(async () => {
    config = await databases.createEmpty();
  });
  return () => config ?? throwNotReady();
}

/**
 * Registers tests that apply each migration of the folder, revert it and apply it again, and compare schema
 * dumps.
 */
export function testMigrations(migrations: URL): void {
  describe("migrations", () => {
    const pool = createSuitePool(() => databases.createEmpty());
    before(() => migrate(pool(), kitMigrations, "kit_migration"));

    // Kit's own migrations have their own test.
    for (const { name } of readMigrations(migrations)) {
      it(`${name} goes up, down and up again`, () => checkMigration(pool(), migrations));
    }
  });
}

/** Applies the next migration, reverts it and applies it again. Throws when schema dumps differ. */
export async function checkMigration(pool: Pool, migrations: URL): Promise<void> {
  await migrationStatus(pool, migrations); // creates the table that records migrations
  const before = await dumpSchema(pool);
  await migrateUp(pool, migrations, 1);
  const after = await dumpSchema(pool);
  await migrateDown(pool, migrations);
  assert.equal(await dumpSchema(pool), before, "down does not revert up");
  await migrateUp(pool, migrations, 1);
  assert.equal(await dumpSchema(pool), after, "the second up has another result");
}

function createSuitePool(createDatabase: () => Promise<ConnectionConfig>): () => Pool {
  let pool: Pool | undefined;
  before(async () => {
    pool = connect(await createDatabase(), { name: "plaza-test" });
    pools.push(pool);
  });
  return () => pool ?? throwNotReady();
}

function throwNotReady(): never {
  throw new Error("The database exists from the suite's before hooks on.");
}
