import type { Db } from "../db/database.ts";
import type { Fragment } from "../db/sql.ts";
import type { SearchQuery } from "./search-query.ts";

/** A table with the columns `number`, which grows with time, and `search`, and a search in it. */
export type NewestSearch = {
  readonly table: string;
  readonly columns: readonly string[];
  /** A further condition on the columns of the table. */
  readonly filter?: (db: Db) => Fragment;
  readonly query: SearchQuery;
  /** Only rows with lesser numbers. */
  readonly before: string;
  readonly limit: number;
};

/** A row found, with its number. */
export type SearchHit<Row> = Row & { readonly number: string };

/**
 * The rows found. With a position, the search ended there before the page was full, since it had taken too long: it can
 * be continued among the rows with lesser numbers.
 */
export type SearchResult<Row> = {
  readonly rows: readonly SearchHit<Row>[];
  readonly position?: string;
};

/** A search ends after this time and so many statements at least; the next page goes on from there. */
export const defaultBudget = { ms: 25, statements: 2 };

/** What a search selects. */
export const selectList = (db: Db, { columns }: NewestSearch) =>
  columns.length > 0 ? db`${db(columns)}, number::text` : db`number::text`;

/** The condition on a row beside the block that it is in. */
export const isMatch = (db: Db, { query, before, filter }: NewestSearch) => db`
  number < ${before} and search @@ ${query.whole}::tsquery ${filter ? db`and ${filter(db)}` : db``}`;
