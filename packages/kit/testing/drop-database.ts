import type { Pool } from "../db/database.ts";

/**
 * Drops a tests' database, after ending what this user still has open there.
 *
 * Not by `with (force)`: that fails for all but superusers while autovacuum is at work in the
 * database (4 of 40 with autovacuum each second). Without it, PostgreSQL ends its own worker.
 */
export async function dropTestDatabase(admin: Pool, name: string): Promise<void> {
  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${name} and usename = current_user`;
  await admin`drop database ${admin(name)}`;
}
