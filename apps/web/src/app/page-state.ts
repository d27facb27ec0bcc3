import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** What a rendered page tells the browser, so that its first render gives the same. */
export type PageState = {
  /** The origin of the site's public address. */
  readonly origin: string;
  /** Whether the page is a visitor's; otherwise whoever is signed in is yet to be asked for. */
  readonly isVisitor: boolean;
  /** Whether the browser's first render gives the same: it cannot repeat a read that failed. */
  readonly isComplete: boolean;
  readonly queries: readonly (readonly [key: QueryKey, data: unknown])[];
};

/** Marks a 64-bit integer in JSON. All keys of the data are field names of contracts, none of which has a dollar. */
const bigintKey = "$bigint";

/** The state as JSON that may stand in a script element: without `<`, which could end that. */
export function stringifyPageState(state: PageState): string {
  const json = JSON.stringify(state, (_, value: unknown) =>
    typeof value === "bigint" ? { [bigintKey]: String(value) } : value,
  );
  return json
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

export function parsePageState(json: string): PageState {
  return JSON.parse(json, (_, value: unknown) => {
    const isBigint = typeof value === "object" && value !== null && bigintKey in value;
    return isBigint ? BigInt(String(value[bigintKey])) : value;
  });
}

/** The successful reads of a client. */
export function readQueries(client: QueryClient): PageState["queries"] {
  const queries = client
    .getQueryCache()
    .findAll({ predicate: ({ state }) => state.status === "success" });
  return queries.map(({ queryKey, state }) => [queryKey, state.data] as const);
}

/**
 * Writes the reads of a rendered page to the browser's client. A visitor's are as fresh as if made now; a member
 * may see more than everybody does, so that theirs are shown at once and read again.
 */
export function writeQueries(client: QueryClient, { isVisitor, queries }: PageState): void {
  for (const [key, data] of queries) {
    client.setQueryData(key, data, isVisitor ? {} : { updatedAt: 0 });
  }
}
