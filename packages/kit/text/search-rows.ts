import type { Db, Tx } from "../db/database.ts";
import type { Fragment } from "../db/sql.ts";
import {
  type NewestSearch,
  type SearchHit,
  type SearchResult,
  selectList,
} from "./newest-search.ts";
import { searchNewest } from "./search-newest.ts";
import type { SearchQuery } from "./search-query.ts";

/** How many of the rows found are sorted: to sort all of a frequent word, all would have to be read. */
export const maxSortedRows = 200;

/** What follows `order by`. */
export type RowOrder = (db: Db, query: SearchQuery) => Fragment;

/** A page of the rows found: the newest first, or in an order from an offset on. */
export type SearchWindow = Pick<NewestSearch, "query" | "before" | "limit"> & {
  readonly sorting?: { readonly order: RowOrder; readonly offset: number } | undefined;
};

/** Best match first: by how often the words are there and how near to each other; those of a title count more. */
export const byRelevance: RowOrder = (db, { whole }) =>
  db`ts_rank_cd(search, ${whole}::tsquery, 1) desc`;

/** Finds rows with certain words: the newest, or the newest 200 in an order. Run it in `boundSearch`. */
export async function searchRows<Row extends object>(
  tx: Tx,
  { table, columns, filter }: Pick<NewestSearch, "table" | "columns" | "filter">,
  { sorting, ...window }: SearchWindow,
): Promise<SearchResult<Row>> {
  const search: NewestSearch = { table, columns, ...(filter && { filter }), ...window };
  if (!sorting) return searchNewest<Row>(tx, search);
  const { order, offset } = sorting;
  const newest = await searchNewest<object>(tx, { ...search, columns: [], limit: maxSortedRows });
  const rows = await tx<SearchHit<Row>[]>`
    select ${selectList(tx, search)} from ${tx(table)}
    where number = any(${newest.rows.map(({ number }) => number)}::bigint[])
    order by ${order(tx, search.query)}, ${tx(table)}.number desc
    limit ${search.limit} offset ${offset}`;
  return { rows };
}
