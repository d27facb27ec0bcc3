import type { QueryClient, QueryKey } from "@tanstack/react-query";

type Page = { nextPageToken: string };

/** How an infinite query walks through the pages of a list RPC: from the empty token until there is no next one. */
export const pageOptions = {
  initialPageParam: "",
  getNextPageParam: (last: Page) => last.nextPageToken || undefined,
};

/**
 * Refetches the lists below `queryKey` that are on screen and drops the others, since any page of them can have
 * changed.
 */
export async function refreshLists(client: QueryClient, queryKey: QueryKey): Promise<void> {
  client.removeQueries({ queryKey, type: "inactive" });
  await client.invalidateQueries({ queryKey });
}
