import type { Pool, Tx } from "../db/database.ts";
import { boundSearch } from "../text/bound-search.ts";
import type { SearchResult } from "../text/newest-search.ts";
import { parseSearchQuery } from "../text/search-query.ts";
import type { RowOrder, SearchWindow } from "../text/search-rows.ts";
import {
  maxRowNumber,
  offsetKey,
  offsetPattern,
  pageSize,
  paginate,
  parsePageToken,
  rowNumberPattern,
} from "./pagination.ts";

export type SearchRequest = {
  readonly query: string;
  readonly pageSize: number;
  readonly pageToken: string;
};

/**
 * Reads a page (AIP-158) of search results, the newest first or in an order. A page may have few rows or none and a
 * token of the next one: the search has then read as much as one call may. Throws BAD_PAGE_TOKEN and
 * SEARCH_TOO_COSTLY.
 */
export async function searchPage<Row extends object>(
  db: Pool,
  request: SearchRequest,
  order: RowOrder | undefined,
  read: (tx: Tx, window: SearchWindow) => Promise<SearchResult<Row>>,
): Promise<{ rows: readonly Row[]; nextPageToken: string }> {
  const size = pageSize(request.pageSize);
  const pattern = order ? offsetPattern : rowNumberPattern;
  const [position] = parsePageToken(request.pageToken, [pattern]) ?? [];
  const query = parseSearchQuery(request.query);
  if (!query) return { rows: [], nextPageToken: "" };
  const window = { query, limit: size + 1 };
  if (!order) {
    const before = position ?? maxRowNumber;
    const found = await boundSearch(db, (tx) => read(tx, { ...window, before }));
    const rest = found.position ? [found.position] : undefined;
    return paginate(found.rows, size, ({ number }) => [number], rest);
  }
  const offset = Number(position ?? 0);
  const sorted = { ...window, before: maxRowNumber, sorting: { order, offset } };
  const found = await boundSearch(db, (tx) => read(tx, sorted));
  return paginate(found.rows, size, () => [offsetKey(offset + size)]);
}
