import postgres from "postgres";
import type { Target } from "./connection-config.ts";
import { type Types, types } from "./type-codecs.ts";

/** postgres.js, set up the way Plaza maps names and values. */
export type Client = postgres.Sql<Types>;

/**
 * The part of a postgres.js query that we steer. A query does nothing until awaited; then it hands
 * itself to its handler. These names are internals of the pinned version.
 */
export type Query = {
  handler: (query: Query) => void;
  resolve: (rows: unknown) => void;
  reject: (error: unknown) => void;
};

/** Makes a client for `target`; `own` are further options of postgres.js. It does not connect yet. */
export function makeClient(target: Target, name: string, own: object = {}): Client {
  const options = {
    database: target.database,
    user: target.user,
    ...(target.password !== undefined && { pass: target.password }),
    ...(target.ssl !== undefined && { ssl: target.ssl }),
    types,
    transform: {
      // Not postgres.camel, which would also rename keys inside JSON values.
      column: { from: postgres.toCamel, to: postgres.fromCamel },
      // An undefined value is refused before it gets here (db-query.ts).
      undefined: null,
    },
    connection: { application_name: name },
    onnotice: () => {},
    ...own,
  };
  return postgres(options) as unknown as Client;
}
