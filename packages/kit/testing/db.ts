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

// Registered while this module loads, hence for the end of the file: after every suite's own hooks,
// so that what they stop still has its database.
after(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await databases.close();
});

/**
 * Gives the suite it is called in (inside `describe`) a PostgreSQL database of its own, with kit's
 * tables and those of the folder `migrations`. It is cloned from a template that is made once for
 * each set of files, and dropped at the end of the file; the file fails when connections are left
 * open then. The answer gives the suite's pool, from its `before` hooks on.
 */
export function testDatabase(migrations: URL): () => Pool {
  return createSuitePool(() => databases.createMigrated(migrations));
}

/** As `testDatabase`, but without any table, and the answer gives the way in instead of a pool. */
export function emptyDatabase(): () => ConnectionConfig {
  let target: ConnectionConfig | undefined;
  before(async () => {
    target = await databases.createEmpty();
  });
  return () => target ?? throwNotReady();
}

/**
 * Registers a suite that climbs the migrations of the folder: each one is applied, taken back and
 * applied again, and the schema must be as before each time.
 */
export function testMigrations(migrations: URL): void {
  describe("migrations", () => {
    const pool = createSuitePool(() => databases.createEmpty());
    before(() => migrate(pool(), kitMigrations, "kit_migration"));

    // The service's files only: kit's own are climbed by kit's test.
    for (const { name } of readMigrations(migrations)) {
      it(`${name} goes up, down and up again`, () => checkMigration(pool(), migrations));
    }
  });
}

/** Applies the next migration twice, with a way back between. Throws where the schemas differ. */
export async function checkMigration(pool: Pool, migrations: URL): Promise<void> {
  await migrationStatus(pool, migrations); // makes the table that records them
  const below = await dumpSchema(pool);
  await migrateUp(pool, migrations, 1);
  const above = await dumpSchema(pool);
  await migrateDown(pool, migrations);
  assert.equal(await dumpSchema(pool), below, "the way down does not undo the way up");
  await migrateUp(pool, migrations, 1);
  assert.equal(await dumpSchema(pool), above, "the second way up leads elsewhere");
}

function createSuitePool(make: () => Promise<ConnectionConfig>): () => Pool {
  let pool: Pool | undefined;
  before(async () => {
    pool = connect(await make(), { name: "plaza-test" });
    pools.push(pool);
  });
  return () => pool ?? throwNotReady();
}

function throwNotReady(): never {
  throw new Error("The database is there from the suite's before hooks on.");
}
