import postgres from "postgres";
import type { ConnectionConfig } from "./connection-config.ts";
import { type CustomTypes, typeCodecs } from "./type-codecs.ts";

/** A postgres.js client with Plaza's mapping of names and values. */
export type PostgresClient = postgres.Sql<CustomTypes>;

/**
 * The internals of a postgres.js query that we use; they belong to the pinned version. A query does nothing
 * until it is awaited; then it calls its handler with itself.
 */
export type PostgresQuery = {
  handler: (query: PostgresQuery) => void;
  resolve: (rows: unknown) => void;
  reject: (error: unknown) => void;
};

/** Creates a client; it connects with its first query. `overrides` are further options of postgres.js. */
export function createPostgresClient(
  config: ConnectionConfig,
  name: string,
  overrides: object = {},
): PostgresClient {
  const options = {
    database: config.database,
    user: config.user,
    ...(config.password !== undefined && { pass: config.password }),
    ...(config.ssl !== undefined && { ssl: config.ssl }),
    types: typeCodecs,
    transform: {
      // Not postgres.camel, which would also rename keys inside JSON values.
      column: { from: postgres.toCamel, to: postgres.fromCamel },
      // Never reached: sql.ts refuses undefined values before.
      undefined: null,
    },
    connection: { application_name: name },
    onnotice: () => {},
    ...overrides,
  };
  return postgres(options) as unknown as PostgresClient;
}
