import { OperatorError } from "../errors/operator-error.ts";
import type { Db, Pool, Tx } from "./database.ts";
import { type Migration, readMigrations } from "./migration-files.ts";

/** Whether and when a migration was applied. */
export type MigrationStatus = {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: Date | undefined;
};

type AppliedMigration = Pick<Migration, "number" | "name" | "checksum"> & {
  readonly appliedAt: Date;
};

/** The table that records applied migrations, by default. */
const migrationTable = "schema_migration";

/**
 * Applies the pending migrations in the folder `dir`, each in a transaction of its own, and returns those it
 * applied. Concurrent processes wait for each other, so that each migration runs once. Throws an OperatorError
 * when an applied file was edited or is missing, or when a migration fails; the migrations before it stay
 * applied.
 *
 * Because of the transaction, a migration cannot contain `create index concurrently` and the like. Applied
 * migrations are recorded in `table`; a second set of migrations of one database needs a table of its own.
 */
export function migrate(pool: Pool, dir: URL, table = migrationTable): Promise<MigrationStatus[]> {
  return migrateUp(pool, dir, Number.POSITIVE_INFINITY, table);
}

/** Like `migrate`, but applies at most `steps` migrations. */
export async function migrateUp(
  pool: Pool,
  dir: URL,
  steps: number,
  table = migrationTable,
): Promise<MigrationStatus[]> {
  const migrations = readMigrations(dir);
  return repeatUntilDone(steps, () =>
    pool.begin((tx) => applyNextMigration(tx, migrations, table)),
  );
}

/** Kit's own migrations, for the database of every service: the outbox and the cursors of consumers. */
export const kitMigrations = new URL("./migrations/", import.meta.url);

/** Applies kit's pending migrations, then those of a service in the folder `dir`. */
export async function migrateService(pool: Pool, dir: URL): Promise<MigrationStatus[]> {
  return [...(await migrate(pool, kitMigrations, "kit_migration")), ...(await migrate(pool, dir))];
}

/**
 * Reverts the last `steps` applied migrations (one by default), newest first, and returns them. Throws an
 * OperatorError like `migrate`.
 */
export async function migrateDown(
  pool: Pool,
  dir: URL,
  steps = 1,
  table = migrationTable,
): Promise<MigrationStatus[]> {
  const migrations = readMigrations(dir);
  return repeatUntilDone(steps, () =>
    pool.begin((tx) => revertLastMigration(tx, migrations, table)),
  );
}

/** Returns all migrations in the folder `dir`, in order, with the times at which they were applied. */
export async function migrationStatus(
  pool: Pool,
  dir: URL,
  table = migrationTable,
): Promise<MigrationStatus[]> {
  const migrations = readMigrations(dir);
  const applied = await pool.begin((tx) => lockApplied(tx, migrations, table));
  return migrations.map((migration, index) => toStatus(migration, applied[index]?.appliedAt));
}

async function repeatUntilDone<T>(steps: number, step: () => Promise<T | undefined>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < steps) {
    const result = await step();
    if (!result) break;
    results.push(result);
  }
  return results;
}

async function applyNextMigration(
  tx: Tx,
  migrations: readonly Migration[],
  table: string,
): Promise<MigrationStatus | undefined> {
  const applied = await lockApplied(tx, migrations, table);
  const next = migrations[applied.length];
  if (!next) return undefined;
  await executeMigration(tx, next, next.up);
  const { number, name, checksum } = next;
  const [row] = await tx<{ appliedAt: Date }[]>`
    insert into ${tx(table)} ${tx({ number, name, checksum })} returning applied_at`;
  return toStatus(next, row?.appliedAt);
}

async function revertLastMigration(
  tx: Tx,
  migrations: readonly Migration[],
  table: string,
): Promise<MigrationStatus | undefined> {
  const applied = await lockApplied(tx, migrations, table);
  const last = migrations[applied.length - 1];
  if (!last) return undefined;
  await executeMigration(tx, last, last.down);
  await tx`delete from ${tx(table)} where number = ${last.number}`;
  return toStatus(last, undefined);
}

/** Locks out other processes, then reads and checks the applied migrations. */
async function lockApplied(
  tx: Tx,
  migrations: readonly Migration[],
  table: string,
): Promise<AppliedMigration[]> {
  // Advisory locks of different databases do not conflict.
  await tx`select pg_advisory_xact_lock(hashtext('schema_migration'))`;
  await createMigrationTable(tx, table);
  const applied = await tx<AppliedMigration[]>`
    select number, name, checksum, applied_at from ${tx(table)} order by number`;
  for (const [index, row] of applied.entries()) assertUnchanged(row, migrations[index]);
  return applied;
}

async function createMigrationTable(db: Db, table: string): Promise<void> {
  await db`
    create table if not exists ${db(table)} (
      number     integer primary key,
      name       text not null,
      checksum   text not null,
      applied_at timestamptz(3) not null default now()
    )`;
}

function assertUnchanged(applied: AppliedMigration, file: Migration | undefined): void {
  if (!file) {
    throw new OperatorError(
      `The database has migration ${applied.name}, which this version of Plaza does not have; run the version that applied it.`,
    );
  }
  if (file.name === applied.name && file.checksum === applied.checksum) return;
  throw new OperatorError(
    `Migration ${file.name} was changed after it was applied as ${applied.name}; restore it and put the change into a new migration.`,
  );
}

async function executeMigration(tx: Tx, migration: Migration, sql: string): Promise<void> {
  try {
    await tx.unsafe(sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`Migration ${migration.name} failed: ${reason}.`, { cause: error });
  }
}

const toStatus = ({ number, name }: Migration, appliedAt: Date | undefined): MigrationStatus => ({
  number,
  name,
  appliedAt,
});
