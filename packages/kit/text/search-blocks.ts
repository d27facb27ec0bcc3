import type { Db, Tx } from "../db/database.ts";
import { hasTerms } from "./lookup-terms.ts";
import {
  defaultBudget,
  isMatch,
  type NewestSearch,
  type SearchHit,
  type SearchResult,
  selectList,
} from "./newest-search.ts";
import type { LookupPlan } from "./plan-lookup.ts";

/** Sizes of blocks, as powers of two: each row has a lexeme for the block of each size that it belongs to. */
const blockBits = [12n, 16n, 20n] as const;

/** Rows that one look-up reads, unless the block is one of the smallest. */
const maxCandidates = 1_000;

/** A look-up that took less, beside what each takes, is followed by one in a larger block. */
const quickMs = 3;

/**
 * Looks words up in the index of a table, block by block, newest first, until the page is full. So a look-up reads no more than a block has, however many rows
 * the table has, and blocks without a match are left behind in large steps.
 */
export async function searchBlocks<Row extends object>(
  tx: Tx,
  search: NewestSearch,
  { terms, fixedMs }: LookupPlan,
  budget = defaultBudget,
): Promise<SearchResult<Row>> {
  const startMs = performance.now();
  const { newest, oldest } = await findEnds(tx, search);
  const tripMs = performance.now() - startMs;
  const rows: SearchHit<Row>[] = [];
  let end = newest + 1n;
  let size = 0;
  for (let count = 0; end > oldest && rows.length < search.limit; count += 1) {
    if (count >= budget.statements && performance.now() - startMs > budget.ms) {
      return { rows, position: String(end) };
    }
    const lookupMs = performance.now();
    const bits = blockBits[size] ?? blockBits[0];
    const block = (end - 1n) >> bits;
    const rest = { ...search, before: String(end), limit: search.limit - rows.length };
    const inBlock = [...terms, `'#${bits}/${block}'`];
    const isSmallest = size === 0;
    const { found, candidates } = await readBlock<Row>(tx, rest, inBlock, isSmallest);
    if (!isSmallest && candidates === maxCandidates) {
      size -= 1;
      continue;
    }
    rows.push(...found);
    const density = candidates / Number(end - (block << bits));
    end = block << bits;
    const isQuick = performance.now() - lookupMs < tripMs + fixedMs + quickMs;
    const larger = blockBits[size + 1];
    if (!isQuick) size = Math.max(size - 1, 0);
    else if (larger !== undefined && density * 2 ** Number(larger) < maxCandidates) size += 1;
  }
  return { rows };
}

/** The numbers of the first and the last row to look at. */
async function findEnds(
  db: Db,
  { table, before }: NewestSearch,
): Promise<{ newest: bigint; oldest: bigint }> {
  const [ends] = await db<{ newest: string | null; oldest: string | null }[]>`
    select (select max(number) from ${db(table)} where number < ${before})::text as newest,
      (select min(number) from ${db(table)})::text as oldest`;
  return { newest: BigInt(ends?.newest ?? -1), oldest: BigInt(ends?.oldest ?? 0) };
}

/** The matches that have all these terms, newest first, and how many rows were read for them. */
async function readBlock<Row extends object>(
  db: Db,
  search: NewestSearch,
  terms: readonly string[],
  isSmallest: boolean,
): Promise<{ found: SearchHit<Row>[]; candidates: number }> {
  const { table, limit } = search;
  const most = isSmallest ? db`` : db`limit ${maxCandidates}`;
  const rows = await db<(SearchHit<Row> & { candidates: number })[]>`
    with in_block as materialized (
      select * from ${db(table)} where ${hasTerms(db, blockVector(db), terms)}
    ),
    -- Apart, since PostgreSQL would rather read the table for the first rows than look them up.
    candidate as materialized (select * from in_block ${most})
    select found.*, candidates from (select count(*)::int as candidates from candidate) as total
    left join lateral (
      select ${selectList(db, search)}, number as position from candidate
      where ${isMatch(db, search)} order by position desc limit ${limit}
    ) as found on true
    order by position desc`;
  return {
    found: rows.filter(({ number }) => number !== null),
    candidates: rows[0]?.candidates ?? 0,
  };
}

/** The words of a row and its blocks, as they are indexed. */
const blockVector = (db: Db) => db`
  (search || array_to_tsvector(array[
    '#12/' || coalesce((number >> 12)::text, ''),
    '#16/' || coalesce((number >> 16)::text, ''),
    '#20/' || coalesce((number >> 20)::text, '')]))`;
