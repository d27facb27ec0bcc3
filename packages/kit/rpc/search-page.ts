import type { Pool, Tx } from "../db/database.ts";
import { boundSearch } from "../text/bound-search.ts";
import type { Numbered } from "../text/newest-search.ts";
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
 * Reads a page (AIP-158) of search results, the newest first or in an order. Throws BAD_PAGE_TOKEN and
 * SEARCH_TOO_COSTLY.
 */
export async function searchPage<Row extends Numbered<object>>(
  db: Pool,
  request: SearchRequest,
  order: RowOrder | undefined,
  read: (tx: Tx, window: SearchWindow) => Promise<readonly Row[]>,
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
    return paginate(found, size, ({ number }) => [number]);
  }
  const offset = Number(position ?? 0);
  const sorted = { ...window, before: maxRowNumber, sorting: { order, offset } };
  const found = await boundSearch(db, (tx) => read(tx, sorted));
  return paginate(found, size, () => [offsetKey(offset + size)]);
}
