import postgres from "postgres";
import { OperatorError } from "../errors/operator-error.ts";
import { type ConnectionConfig, parseConnectionUrl, toOperatorError } from "./connection-config.ts";
import { connect, type Pool } from "./database.ts";

/**
 * Creates the database `name` on the server at `target` unless it is there, and answers the target
 * that leads to it. Safe when several processes do it at once. Throws a StartError that says what
 * is wrong with the server, the credentials or the user's rights.
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
    // Two creators at once: the loser sees either of these.
    if (code === "42P04" || code === "23505") return;
    if (code !== "42501") throw error;
    throw new OperatorError(
      `The PostgreSQL user "${user}" may not create the database "${name}"; create it, or grant CREATEDB.`,
    );
  }
}
