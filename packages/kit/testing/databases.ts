import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionConfig } from "../db/connection-config.ts";
import { connect, type Pool } from "../db/database.ts";
import { kitMigrations, migrate } from "../db/migrate.ts";
import { migrationsDigest, readMigrations } from "../db/migration-files.ts";
import { dropTestDatabase } from "./drop-database.ts";
import { acquireTestPostgres, testDatabasePrefix } from "./postgres-server.ts";

/** The databases that a test process creates on the test server, until `close`. */
export class TestDatabases {
  #server:
    | Promise<{ connectionConfig: ConnectionConfig; admin: Pool; release(): Promise<void> }>
    | undefined;
  readonly #names: string[] = [];

  /** Creates a database with kit's migrations and those in the folder `migrations`. */
  async createMigrated(migrations: URL): Promise<ConnectionConfig> {
    const { connectionConfig, admin } = await this.#open();
    return this.#clone(await ensureTemplate(connectionConfig, admin, migrations));
  }

  /** Creates a database without tables. */
  createEmpty(): Promise<ConnectionConfig> {
    return this.#clone("template0");
  }

  /** Drops the databases and releases the server. Rejects when there were open connections. */
  async close(): Promise<void> {
    if (!this.#server) return;
    const { admin, release } = await this.#server;
    const open = await this.#openConnections(admin);
    for (const name of this.#names) await dropTestDatabase(admin, name);
    await admin.end();
    await release();
    if (open.length > 0) {
      throw new Error(`Connections were left open: ${open.join(", ")}; end every pool and host.`);
    }
  }

  #open() {
    this.#server ??= acquireTestPostgres().then((server) => ({
      ...server,
      admin: connect(server.connectionConfig, { name: "plaza-test-admin", max: 2 }),
    }));
    return this.#server;
  }

  async #clone(template: string): Promise<ConnectionConfig> {
    const { connectionConfig, admin } = await this.#open();
    const database = testDatabasePrefix + randomUUID();
    await admin`create database ${admin(database)} template ${admin(template)}`;
    this.#names.push(database);
    return { ...connectionConfig, database };
  }

  /** Lists open connections; waits up to a second, because the server notices a closed one with delay. */
  async #openConnections(admin: Pool): Promise<string[]> {
    for (let attempt = 0; ; attempt += 1) {
      const rows = await admin<{ line: string }[]>`
        select application_name || ' (' || coalesce(query, '') || ')' as line
        from pg_stat_activity
        where datname = any(${this.#names}::text[]) and backend_type = 'client backend'`;
      if (rows.length === 0 || attempt === 50) return rows.map(({ line }) => line);
      await sleep(20);
    }
  }
}

/**
 * Creates the template database of a set of migrations unless it exists, and returns its name. Migrates a draft
 * and renames it, so that a template is always complete. Drops the templates of earlier versions of the same
 * folder.
 */
async function ensureTemplate(
  config: ConnectionConfig,
  admin: Pool,
  migrations: URL,
): Promise<string> {
  const folder = createHash("sha256").update(migrations.href).digest("hex").slice(0, 8);
  const files = [kitMigrations, migrations].flatMap((dir) => readMigrations(dir));
  const family = `plaza_template_${folder}_`;
  const template = family + migrationsDigest(files).slice(0, 16);
  const draft = `${family}draft`;
  await admin.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext(${family}))`;
    const found = await tx<{ datname: string }[]>`
      select datname from pg_database where starts_with(datname, ${family})`;
    if (found.some(({ datname }) => datname === template)) return;
    // Databases cannot be created or dropped in a transaction; this one only holds the lock.
    for (const { datname } of found) await dropTestDatabase(admin, datname);
    await admin`create database ${admin(draft)} template template0`;
    await migrateDatabase({ ...config, database: draft }, migrations);
    await admin`alter database ${admin(draft)} rename to ${admin(template)}`;
  });
  return template;
}

async function migrateDatabase(config: ConnectionConfig, migrations: URL): Promise<void> {
  const pool = connect(config, { max: 1 });
  try {
    await migrate(pool, kitMigrations, "kit_migration");
    if (migrations.href !== kitMigrations.href) await migrate(pool, migrations);
  } finally {
    await pool.end();
  }
}
