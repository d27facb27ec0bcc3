import { invalidField } from "../errors/fault.ts";

const defaultPageSize = 20;

/** The number of rows on a page: what was asked for, or 20. */
export function pageSize(requested: number): number {
  return requested === 0 ? defaultPageSize : requested;
}

/**
 * A page of rows, out of a read of one row more than the page holds (AIP-158). `keyOf` gives the key by
 * which the list is ordered; the token is that of the last row, opaque to the client.
 */
export function paginate<Row>(
  rows: readonly Row[],
  size: number,
  keyOf: (row: Row) => readonly string[],
): { rows: readonly Row[]; nextPageToken: string } {
  if (rows.length <= size) return { rows, nextPageToken: "" };
  const kept = rows.slice(0, size);
  const last = kept.at(-1);
  return { rows: kept, nextPageToken: last === undefined ? "" : toPageToken(keyOf(last)) };
}

/**
 * The key inside a page token; undefined for the first page. Throws BAD_PAGE_TOKEN unless its parts
 * match the patterns given, one for each part.
 */
export function parsePageToken(
  token: string,
  parts: readonly RegExp[],
): readonly string[] | undefined {
  if (token === "") return undefined;
  const key = parseJson(Buffer.from(token, "base64url").toString());
  const fits =
    Array.isArray(key) &&
    key.length === parts.length &&
    parts.every((part, index) => typeof key[index] === "string" && part.test(key[index]));
  if (!fits) throw invalidField("page_token", "BAD_PAGE_TOKEN", "is not a token of this list");
  return key;
}

/** A UUID in lower case, as part of a page token. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A time as `Date.toISOString` writes it, as part of a page token. */
export const isoTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The greatest UUID (RFC 9562, 5.10): the position before the first page of a list in descending order. */
export const maxUuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The least UUID (RFC 9562, 5.9): the position before the first page of a list in ascending order. */
export const nilUuid = "00000000-0000-0000-0000-000000000000";

function toPageToken(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
