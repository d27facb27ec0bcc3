import type { Db, Tx } from "../db/database.ts";
import type { Fragment } from "../db/sql.ts";
import type { SearchQuery } from "./search-query.ts";
import { lookupQuery, selectiveQuery, type TermSample } from "./selective-query.ts";

/** Rows that a search reads before it uses the index. */
const probedRows = 500;

/** Rows that a search reads instead of using the index. */
const maxReadRows = 100_000;

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

/**
 * Finds the newest rows with certain words, at a cost that depends neither on how frequent the words are nor on how
 * many rows there are:
 *
 * 1. The newest 500 rows are read. Of a frequent word they fill the page, and no index could find it sooner, as
 *    GIN finds all rows with a word before the first is known. When they fill a third of the page, more are read.
 * 2. Otherwise they are a sample: words that are frequent in it are compared, the others are looked up in the index,
 *    in one block of 65,536 rows after the other, newest first, until the page is full. The number of its block is a
 *    lexeme of each row, and GIN intersects lists of rows by skipping.
 *
 * Each row has its `number` beside the columns. Run it in `boundSearch`.
 */
export async function searchNewest<Row extends object>(
  tx: Tx,
  search: NewestSearch,
): Promise<readonly (Row & { readonly number: string })[]> {
  type Found = Row & { readonly number: string };
  const { query, limit } = search;
  const newest = await readNewest<Found>(tx, search, probedRows);
  if (newest.length >= limit) return newest;
  const sample = await readSample(tx, search);
  if (sample.count < probedRows) return newest;
  if (newest.length * 3 < limit) {
    const selective = selectiveQuery(query, sample);
    if (selective !== undefined) return findByIndex<Found>(tx, search, selective);
  }
  const more = await readNewest<Found>(tx, search, maxReadRows);
  return more.length >= limit ? more : findByIndex<Found>(tx, search, lookupQuery(query));
}

const filterOf = (db: Db, { filter }: NewestSearch) => (filter ? db`and ${filter(db)}` : db``);

/** The newest rows. Their number is no parameter: only when it knows it, PostgreSQL reads them by their index. */
const newestRows = (db: Db, { table, before }: NewestSearch, rows: number) => db`
  select * from ${db(table)} where number < ${before}
  order by number desc limit ${db.unsafe(String(rows))}`;

/** Those of the newest rows that have the words. */
function readNewest<Row extends object>(
  db: Db,
  search: NewestSearch,
  rows: number,
): Promise<Row[]> {
  const { columns, query, limit } = search;
  return db<Row[]>`
    select ${db(columns)}, number::text from (${newestRows(db, search, rows)}) as newest
    where search @@ ${query.whole}::tsquery ${filterOf(db, search)}
    limit ${limit}`;
}

/** How many of the newest 500 rows there are, and how many of them have each term. */
async function readSample(db: Db, search: NewestSearch): Promise<TermSample> {
  const terms = [...new Set(search.query.alternatives.flat())];
  const rows = await db<{ term: string; matches: number; count: number }[]>`
    with newest as materialized (
      select search from (${newestRows(db, search, probedRows)}) as newest
    )
    select words as term, (select count(*) from newest)::int as count,
      (select count(*) from newest where search @@ term)::int as matches
    from (
      select words, words::tsquery as term from unnest(${terms}::text[]) as asked (words) offset 0
    ) as terms`;
  const matches = new Map(rows.map((row) => [row.term, row.matches]));
  return { count: rows[0]?.count ?? 0, matches };
}

/**
 * A lateral join reads the blocks in their order, so that the outer limit stops at the one that fills the page. The
 * offset keeps PostgreSQL from reading rows by number instead of by their words. The shift is that of the index.
 */
function findByIndex<Row extends object>(
  db: Db,
  search: NewestSearch,
  lookup: string,
): Promise<Row[]> {
  const { table, columns, query, before, limit } = search;
  return db<Row[]>`
    select ${db(columns)}, position::text as number
    from generate_series(
      (select max(number) from ${db(table)} where number < ${before}) >> 16,
      (select min(number) from ${db(table)}) >> 16, -1) as block
    cross join lateral (
      select * from (
        select *, number as position from ${db(table)}
        where (search || array_to_tsvector(array['#' || coalesce((number >> 16)::text, '')]))
          @@ (${lookup}::tsquery && quote_literal('#' || block)::tsquery)
        offset 0
      ) as candidate
      where position < ${before} and search @@ ${query.whole}::tsquery ${filterOf(db, search)}
      order by position desc limit ${limit}
    ) as found
    limit ${limit}`;
}
