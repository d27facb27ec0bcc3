import type { Pool } from "../db/database.ts";

/**
 * Drops a test database, after terminating this user's connections to it.
 *
 * Not with `with (force)`: that fails for users other than superusers while autovacuum works on the database
 * (4 of 40 with autovacuum each second). Without it, PostgreSQL terminates the worker.
 */
export async function dropTestDatabase(admin: Pool, name: string): Promise<void> {
  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${name} and usename = current_user`;
  await admin`drop database ${admin(name)}`;
}
