import type { Db, Tx } from "../db/database.ts";
import { sampleTerms, selectiveTerms } from "./lookup-terms.ts";
import {
  isMatch,
  type NewestSearch,
  type SearchHit,
  type SearchResult,
  selectList,
} from "./newest-search.ts";
import { planLookup } from "./plan-lookup.ts";
import { scanNewest } from "./scan-newest.ts";
import { searchBlocks } from "./search-blocks.ts";

/** Rows that a search reads before it uses the index. */
const probedRows = 500;

/**
 * Finds the newest rows with certain words, at a cost that depends neither on how frequent the words are nor on how
 * many rows there are. The newest 500 rows are read first: of a frequent word they fill the page, and no index could
 * find it sooner, as GIN finds all rows with a word before the first is known. When they fill a third of the page, or
 * all words are frequent among them, more are read: see `scanNewest`. So they are when to look rare words up would take
 * longer: see `planLookup`. Otherwise see `searchBlocks`.
 *
 * Run it in `boundSearch`.
 */
export async function searchNewest<Row extends object>(
  tx: Tx,
  search: NewestSearch,
): Promise<SearchResult<Row>> {
  const { query, limit } = search;
  const newest = await readNewest<Row>(tx, search);
  if (newest.length >= limit) return { rows: newest };
  const sample = await sampleTerms(
    tx,
    tx`select search from (${newestRows(tx, search)}) as newest`,
    query,
  );
  if (sample.count < probedRows) return { rows: newest };
  if (newest.length * 3 < limit) {
    const selective = selectiveTerms(query, sample);
    const plan = selective && (await planLookup(tx, search, selective));
    if (plan) return searchBlocks<Row>(tx, search, plan);
  }
  return scanNewest<Row>(tx, search);
}

/** The newest 500 rows. That is no parameter: only when it knows it, PostgreSQL reads them by their index. */
const newestRows = (db: Db, { table, before }: NewestSearch) => db`
  select * from ${db(table)} where number < ${before}
  order by number desc limit ${db.unsafe(String(probedRows))}`;

/** Those of the newest rows that have the words. */
function readNewest<Row extends object>(db: Db, search: NewestSearch): Promise<SearchHit<Row>[]> {
  return db<SearchHit<Row>[]>`
    select ${selectList(db, search)} from (${newestRows(db, search)}) as newest
    where ${isMatch(db, search)} limit ${search.limit}`;
}
