import type { Db } from "../db/database.ts";
import type { Fragment } from "../db/sql.ts";
import type { SearchQuery } from "./search-query.ts";

/** Of the rows: GIN collects all rows with a beginning such as `th` before the first is known. */
const frequentShare = 1 / 50;

/** How many of some rows there are, and how many of them have each term. */
export type TermSample = { readonly count: number; readonly matches: ReadonlyMap<string, number> };

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
 * What to look up in an index, in the notation of tsquery: all of these must be there. They are the terms that are not
 * frequent in a sample; undefined when an alternative has none.
 */
export function selectiveTerms(
  { alternatives }: SearchQuery,
  { count, matches }: TermSample,
): readonly string[] | undefined {
  const selective = alternatives.map((terms) =>
    terms.filter((term) => (matches.get(term) ?? 0) < count * frequentShare),
  );
  if (selective.some((terms) => terms.length === 0)) return undefined;
  const [only, ...others] = selective;
  if (only && others.length === 0) return only;
  return [selective.map((terms) => terms.join(" & ")).join(" | ")];
}
