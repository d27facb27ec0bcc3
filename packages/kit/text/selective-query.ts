import type { SearchQuery } from "./search-query.ts";

/** Of the rows: GIN collects all rows with a beginning such as `th` before the first is known. */
const frequentShare = 1 / 50;

/** How many of some rows there are, and how many of them have each term. */
export type TermSample = { readonly count: number; readonly matches: ReadonlyMap<string, number> };

/** What to look up in an index, in the notation of tsquery: all terms that must be there. */
export function lookupQuery({ alternatives }: Pick<SearchQuery, "alternatives">): string {
  return alternatives.map((terms) => terms.join(" & ")).join(" | ");
}

/**
 * Like `lookupQuery`, but without the terms that are frequent in a sample. Undefined when an alternative has no
 * others.
 */
export function selectiveQuery(
  { alternatives }: SearchQuery,
  { count, matches }: TermSample,
): string | undefined {
  const selective = alternatives.map((terms) =>
    terms.filter((term) => (matches.get(term) ?? 0) < count * frequentShare),
  );
  const isComplete = selective.every((terms) => terms.length > 0);
  return isComplete ? lookupQuery({ alternatives: selective }) : undefined;
}
