import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Refetches the lists below `queryKey` that are on screen and drops the others, since any page of them can have changed. */
export async function refreshLists(client: QueryClient, queryKey: QueryKey): Promise<void> {
  client.removeQueries({ queryKey, type: "inactive" });
  await client.invalidateQueries({ queryKey });
}
