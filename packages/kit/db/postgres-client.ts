import postgres from "postgres";
import type { ConnectionConfig } from "./connection-config.ts";
import { type CustomTypes, typeCodecs } from "./type-codecs.ts";

/** postgres.js, set up the way Plaza maps names and values. */
export type PostgresClient = postgres.Sql<CustomTypes>;

/**
 * The part of a postgres.js query that we steer. A query does nothing until awaited; then it hands
 * itself to its handler. These names are internals of the pinned version.
 */
export type PostgresQuery = {
  handler: (query: PostgresQuery) => void;
  resolve: (rows: unknown) => void;
  reject: (error: unknown) => void;
};

/** Makes a client for `target`; `own` are further options of postgres.js. It does not connect yet. */
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
      // An undefined value is refused before it gets here (db-query.ts).
      undefined: null,
    },
    connection: { application_name: name },
    onnotice: () => {},
    ...overrides,
  };
  return postgres(options) as unknown as PostgresClient;
}
