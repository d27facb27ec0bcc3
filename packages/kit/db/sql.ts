import type postgres from "postgres";
import type { PostgresClient, PostgresQuery } from "./postgres-client.ts";
import type { CustomTypes } from "./type-codecs.ts";

/** What every store function takes first: the pool, or the transaction it is part of. */
export type Db = postgres.ISql<CustomTypes>;

/** PostgreSQL counts the parameters of a statement in 16 bits. */
const maxStatementParameters = 65_534;

/**
 * Makes a `Db` whose queries go to `run`. `client` only builds them; it never connects.
 *
 * Values are checked here, where the call is, because postgres.js finds them wanting only after it
 * has queued the query, and then blames another one on the same connection.
 */
export function createSql(client: PostgresClient, execute: (query: PostgresQuery) => void): Db {
  const redirect = <Made>(made: Made): Made => {
    if (made instanceof Promise) (made as unknown as PostgresQuery).handler = execute;
    return made;
  };
  const call = client as unknown as (first: unknown, ...rest: unknown[]) => unknown;
  const tag = (first: unknown, ...rest: unknown[]): unknown => {
    if (isTemplate(first)) {
      const query = redirect(call(first, ...rest.map(toParameter)));
      return Object.defineProperty(query as object, "origin", callSiteOf(first));
    }
    assertRows(first, rest.flat());
    return call(first, ...rest);
  };
  const toParameter = (value: unknown): unknown => {
    if (value === undefined) throw undefinedValueError();
    if (!Array.isArray(value) || value[0] instanceof Promise) return value;
    if (value.includes(undefined)) throw undefinedValueError();
    // Type 0 asks the server. postgres.js would take the type of the first element for the array's.
    return client.typed(value, 0);
  };
  const { typed, types, array, json } = client;
  return Object.assign(tag, {
    typed,
    types,
    array,
    json,
    unsafe: (...args: Parameters<Db["unsafe"]>) => redirect(client.unsafe(...args)),
    notify: (channel: string, payload: string) =>
      redirect(client`select pg_notify(${channel}, ${payload})`),
  }) as unknown as Db;
}

const isTemplate = (value: unknown): value is TemplateStringsArray =>
  Array.isArray(value) && "raw" in value;

const callSites = new WeakMap<TemplateStringsArray, Error>();

/**
 * Where a query is written, for the stack of its errors. postgres.js keeps four frames, all of them
 * its own and ours. It is noted once for each place, because a stack is costly.
 */
function callSiteOf(template: TemplateStringsArray): PropertyDescriptor {
  const origin = callSites.get(template) ?? new Error();
  callSites.set(template, origin);
  return { get: () => origin.stack };
}

/** Checks rows given to the insert and update helpers, `db(row)` and `db(rows, "column", …)`. */
function assertRows(first: unknown, columns: unknown[]): void {
  const rows = (Array.isArray(first) ? first : [first]).filter((row) => typeof row === "object");
  let parameters = 0;
  for (const row of rows as Record<string, unknown>[]) {
    const names = columns.length > 0 ? (columns as string[]) : Object.keys(row);
    if (names.some((name) => row[name] === undefined)) throw undefinedValueError();
    parameters += names.length;
  }
  if (parameters > maxStatementParameters) {
    throw new TypeError(
      `A statement takes at most ${maxStatementParameters} parameters; use arrays instead.`,
    );
  }
}

const undefinedValueError = (): TypeError =>
  new TypeError("A value given to SQL is undefined; write null if that is what is meant.");
