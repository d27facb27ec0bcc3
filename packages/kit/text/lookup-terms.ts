import type { Db } from "../db/database.ts";
import type { Fragment } from "../db/sql.ts";
import type { SearchQuery } from "./search-query.ts";

/** Of the rows: GIN collects all rows with a beginning such as `th` before the first is known. */
const frequentShare = 1 / 50;

/** How many of some rows there are, and how many of them have each term. */
export type TermSample = { readonly count: number; readonly matches: ReadonlyMap<string, number> };

/** Counts the rows of a query that selects `search`, and those of them that have each term. */
export async function sampleTerms(
  db: Db,
  rows: Fragment,
  { alternatives }: SearchQuery,
): Promise<TermSample> {
  const terms = [...new Set(alternatives.flat())];
  const counts = await db<{ term: string; matches: number; count: number }[]>`
    with sample as materialized (${rows})
    select words as term, (select count(*) from sample)::int as count,
      (select count(*) from sample where search @@ term)::int as matches
    from (
      select words, words::tsquery as term from unnest(${terms}::text[]) as asked (words) offset 0
    ) as terms`;
  const matches = new Map(counts.map((row) => [row.term, row.matches]));
  return { count: counts[0]?.count ?? 0, matches };
}

/**
 * The condition that a tsvector has all the terms, as one for each: GIN skips from the list of one condition to where
 * that of another goes on, but within a condition it reads the shortest list from its beginning.
 */
export function hasTerms(db: Db, vector: Fragment, terms: readonly string[]): Fragment {
  return terms
    .map((term) => db`${vector} @@ ${term}::tsquery`)
    .reduce((all, one) => db`${all} and ${one}`);
}

/**
 * Which terms to look up in an index: for each alternative those that are not frequent in a sample; undefined when one
 * has none.
 */
export function selectiveTerms(
  { alternatives }: SearchQuery,
  { count, matches }: TermSample,
): readonly (readonly string[])[] | undefined {
  const selective = alternatives.map((terms) =>
    terms.filter((term) => (matches.get(term) ?? 0) < count * frequentShare),
  );
  return selective.some((terms) => terms.length === 0) ? undefined : selective;
}
