type Page = { nextPageToken: string };

/** How an infinite query walks through the pages of a list RPC: from the empty token until there is no next one. */
export const pageOptions = {
  initialPageParam: "",
  getNextPageParam: (last: Page) => last.nextPageToken || undefined,
};
