import type { Db, Tx } from "../db/database.ts";
import { isMatch, type NewestSearch, type Numbered, selectList } from "./newest-search.ts";

/** Blocks that one statement looks in at most. */
const maxBlocks = 256;

/** Rows that one statement reads, unless it looks in a single block. */
const maxCandidates = 2_000;

/**
 * Looks words up in the index of a table, in blocks of 16,384 rows, newest first, until the page is full. The number of
 * its block is a lexeme of each row, and GIN intersects lists of rows by skipping; so what is read does not grow with
 * the table.
 *
 * Starts with one block and then takes four times as many each time, as each look-up of the beginning of a word costs
 * as much as there are rows with it. Where words crowd, it takes fewer again.
 */
export async function searchBlocks<Row extends object>(
  tx: Tx,
  search: NewestSearch,
  lookup: string,
): Promise<Numbered<Row>[]> {
  const { newest, oldest } = await findBlocks(tx, search);
  const rows: Numbered<Row>[] = [];
  for (let last = newest, count = 1; last >= oldest && rows.length < search.limit; ) {
    const blocks = Array.from({ length: Math.min(count, last - oldest + 1) }, (_, n) => last - n);
    const { found, candidates } = await readBlocks<Row>(tx, search, lookup, blocks);
    if (blocks.length > 1 && candidates === maxCandidates) {
      count = Math.ceil(blocks.length / 4);
      continue;
    }
    rows.push(...found);
    last -= blocks.length;
    count = Math.min(count * 4, maxBlocks);
  }
  return rows.slice(0, search.limit);
}

/** The numbers of the first and the last block to look in. */
async function findBlocks(
  db: Db,
  { table, before }: NewestSearch,
): Promise<{ newest: number; oldest: number }> {
  const [blocks] = await db<{ newest: number; oldest: number }[]>`
    select
      ((select max(number) from ${db(table)} where number < ${before}) >> 14)::int as newest,
      ((select min(number) from ${db(table)}) >> 14)::int as oldest`;
  return blocks ?? { newest: -1, oldest: 0 };
}

/** The matches in some blocks, newest first, and how many rows were read for them. */
async function readBlocks<Row extends object>(
  db: Db,
  search: NewestSearch,
  lookup: string,
  blocks: readonly number[],
): Promise<{ found: Numbered<Row>[]; candidates: number }> {
  const { table, limit } = search;
  const tags = blocks.map((block) => `'#${block}'`).join(" | ");
  const most = blocks.length > 1 ? db`limit ${maxCandidates}` : db``;
  const rows = await db<(Numbered<Row> & { candidates: number })[]>`
    with in_blocks as materialized (
      select * from ${db(table)}
      where (search || array_to_tsvector(array['#' || coalesce((number >> 14)::text, '')]))
        @@ (${lookup}::tsquery && ${tags}::tsquery)
    ),
    -- Apart, since PostgreSQL would rather read the table for the first rows than look them up.
    candidate as materialized (select * from in_blocks ${most})
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
