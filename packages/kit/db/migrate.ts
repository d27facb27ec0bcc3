import { OperatorError } from "../errors/operator-error.ts";
import type { Db, Pool, Tx } from "./database.ts";
import { type Migration, readMigrations } from "./migration-files.ts";

/** A migration and when it was applied, if it was. */
export type MigrationStatus = {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: Date | undefined;
};

type AppliedMigration = Pick<Migration, "number" | "name" | "checksum"> & {
  readonly appliedAt: Date;
};

/** The default of `table`: the table in which applied migrations are recorded. */
const migrationTable = "schema_migration";

/**
 * Applies the migrations in the folder `dir` that the database lacks, each in a transaction of its
 * own, and answers those it applied. Processes that do this at the same time take turns, so that
 * each migration runs once. Throws a StartError when an applied file was edited or is gone, or when
 * a migration fails; the migrations before it stay.
 *
 * Because of the transaction, a migration cannot hold `create index concurrently` and the like. What was
 * applied is written down in `table`; a second set of migrations in the same database has its own.
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

/** The tables that every service's database has: the event log and its readers' cursors. */
export const kitMigrations = new URL("./migrations/", import.meta.url);

/** Brings a service's database up to date: the kit's own tables, then those in the folder `dir`. */
export async function migrateService(pool: Pool, dir: URL): Promise<MigrationStatus[]> {
  return [...(await migrate(pool, kitMigrations, "kit_migration")), ...(await migrate(pool, dir))];
}

/**
 * Takes back the last `steps` applied migrations (one unless given), newest first, and answers
 * those it took back. Throws a StartError as `migrate` does.
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

/** Answers every migration of the folder `dir` in order, with when it was applied to the database. */
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

/** Waits for the turn of this transaction, then reads what was applied and checks it. */
async function lockApplied(
  tx: Tx,
  migrations: readonly Migration[],
  table: string,
): Promise<AppliedMigration[]> {
  // The lock is the database's own: advisory locks are kept apart by database.
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
      `The database has migration ${applied.name}, which this version does not know; use the version that applied it.`,
    );
  }
  if (file.name === applied.name && file.checksum === applied.checksum) return;
  throw new OperatorError(
    `Migration ${file.name} was changed after it was applied as ${applied.name}; restore it and add a new one.`,
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
