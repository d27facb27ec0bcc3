import postgres from "postgres";
import { OperatorError } from "../errors/operator-error.ts";
import { type ConnectionConfig, parseConnectionUrl, toOperatorError } from "./connection-config.ts";
import { connect, type Pool } from "./database.ts";

/**
 * Creates the database `name` on a server unless it exists, and returns its connection parameters. Several
 * processes may do this at once. Throws an OperatorError when the server, the credentials or the user's
 * privileges are at fault.
 */
export async function ensureDatabase(
  server: string | ConnectionConfig,
  name: string,
): Promise<ConnectionConfig> {
  const admin = typeof server === "string" ? parseConnectionUrl(server) : server;
  const pool = connect(admin, { max: 1 });
  try {
    const [found] = await pool`select 1 from pg_database where datname = ${name}`;
    if (!found) await createDatabase(pool, name, admin);
  } catch (error) {
    throw toOperatorError(error, admin);
  } finally {
    await pool.end();
  }
  return { ...admin, database: name };
}

async function createDatabase(pool: Pool, name: string, { user }: ConnectionConfig): Promise<void> {
  try {
    await pool`create database ${pool(name)}`;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { code } = error;
    // duplicate_database or unique_violation: another process was faster.
    if (code === "42P04" || code === "23505") return;
    if (code !== "42501") throw error;
    throw new OperatorError(
      `The PostgreSQL user "${user}" is not allowed to create the database "${name}"; create it, or grant CREATEDB to the user.`,
    );
  }
}
