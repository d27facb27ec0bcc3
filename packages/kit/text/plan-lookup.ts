import type { Db } from "../db/database.ts";
import type { NewestSearch } from "./newest-search.ts";

/** How to look words up in the index of a table. */
export type LookupPlan = {
  /** What must all be there, in the notation of tsquery. */
  readonly terms: readonly string[];
  /** How long each look-up takes at least, however few rows it is about. */
  readonly fixedMs: number;
};

/** What is searched, and in which table with a column `search`. */
type PlannedSearch = Pick<NewestSearch, "table" | "query" | "limit">;

/** GIN collects all rows of the table with a beginning such as `th` before the first is known. Measured in 2026. */
const msPerPrefixRow = 0.0009;
/** To read a row and compare its words. Measured in 2026. */
const msPerScannedRow = 0.002;
/** Of an alternative, beginnings that cost more are left out where another term remains. */
const maxTermMs = 10;

/**
 * Plans how to look up terms, of which all of one alternative must be there. By the planner's statistics: undefined
 * when it is quicker to read the table row by row.
 */
export async function planLookup(
  db: Db,
  search: PlannedSearch,
  alternatives: readonly (readonly string[])[],
): Promise<LookupPlan | undefined> {
  const prefixes = [...new Set(alternatives.flat())].filter((term) => term.endsWith(":*"));
  const costs = new Map(
    await Promise.all(
      prefixes.map(async (term): Promise<[string, number]> => {
        return [term, (await estimateRows(db, search.table, term)) * msPerPrefixRow];
      }),
    ),
  );
  const chosen = alternatives.map((terms) => cheapestTerms(terms, costs));
  const fixedMs = sum(chosen.flat().map((term) => costs.get(term) ?? 0));
  if (fixedMs > maxTermMs && (await estimateScanMs(db, search)) < fixedMs) return undefined;
  const [only = [], ...others] = chosen;
  if (others.length === 0) return { terms: only, fixedMs };
  return { terms: [chosen.map((terms) => terms.join(" & ")).join(" | ")], fixedMs };
}

function cheapestTerms(
  terms: readonly string[],
  costs: ReadonlyMap<string, number>,
): readonly string[] {
  const costOf = (term: string) => costs.get(term) ?? 0;
  const cheap = terms.filter((term) => costOf(term) <= maxTermMs);
  return cheap.length > 0 ? cheap : terms.toSorted((a, b) => costOf(a) - costOf(b)).slice(0, 1);
}

/** How long it takes to find a page of matches row by row, were they spread evenly. */
async function estimateScanMs(db: Db, { table, query, limit }: PlannedSearch): Promise<number> {
  const [all, matches] = await Promise.all([
    estimateRows(db, table),
    estimateRows(db, table, query.whole),
  ]);
  return (limit * all * msPerScannedRow) / Math.max(1, matches);
}

type Plan = readonly [{ readonly Plan: { readonly "Plan Rows": number } }];

/** The planner's estimate of how many rows match, or are there at all. */
async function estimateRows(db: Db, table: string, words?: string): Promise<number> {
  const condition = words === undefined ? db`` : db`where search @@ ${words}::tsquery`;
  const [row] = await db<{ "QUERY PLAN": Plan }[]>`
    explain (format json) select from ${db(table)} ${condition}`;
  return row?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
