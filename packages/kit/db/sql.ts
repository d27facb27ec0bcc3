import type postgres from "postgres";
import type { PostgresClient, PostgresQuery } from "./postgres-client.ts";
import type { CustomTypes } from "./type-codecs.ts";

/** The query function, of a pool or a transaction. The first parameter of every store function. */
export type Db = postgres.ISql<CustomTypes>;

/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The wire protocol of PostgreSQL counts parameters in 16 bits. */
const maxStatementParameters = 65_534;

/**
 * Creates a query function whose queries are run by `execute`. `client` only builds them; it never connects.
 *
 * Checks values when the query is created, because postgres.js finds an undefined one only after it has
 * queued the query, and then rejects another query of the same connection.
 */
export function createSql(client: PostgresClient, execute: (query: PostgresQuery) => void): Db {
  const redirect = <T>(query: T): T => {
    if (query instanceof Promise) (query as unknown as PostgresQuery).handler = execute;
    return query;
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
    // Type 0 lets the server choose. postgres.js would take the type of the first element for the array.
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
 * The call site of a query, for the stack of its errors: the four frames that postgres.js captures are all
 * internal. Captured once for each template, because a stack is expensive.
 */
function callSiteOf(template: TemplateStringsArray): PropertyDescriptor {
  const origin = callSites.get(template) ?? new Error();
  callSites.set(template, origin);
  return { get: () => origin.stack };
}

/** Checks the rows of the insert and update helpers `db(row)` and `db(rows, "column", …)`. */
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
  new TypeError("A SQL parameter is undefined; use null.");
