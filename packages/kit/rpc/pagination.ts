import { invalidField } from "../errors/fault.ts";

const defaultPageSize = 20;

/** The requested page size, or 20 when it is zero. */
export function pageSize(requested: number): number {
  return requested === 0 ? defaultPageSize : requested;
}

/**
 * Makes a page (AIP-158) of a read of size + 1 rows: its rows, and the token of the next page, empty on the
 * last one. `keyOf` returns the sort key of a row; the token is the encoded key of the last row of the page. A read
 * that ended before it had found so many rows gives the key from which it goes on, `rest`.
 */
export function paginate<Row>(
  rows: readonly Row[],
  size: number,
  keyOf: (row: Row) => readonly string[],
  rest?: readonly string[],
): { rows: readonly Row[]; nextPageToken: string } {
  if (rows.length <= size) return { rows, nextPageToken: rest ? toPageToken(rest) : "" };
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return { rows: page, nextPageToken: last === undefined ? "" : toPageToken(keyOf(last)) };
}

/**
 * Decodes a page token to the sort key in it; undefined for the first page. Throws BAD_PAGE_TOKEN unless each
 * part of the key matches its pattern.
 */
export function parsePageToken(
  token: string,
  patterns: readonly RegExp[],
): readonly string[] | undefined {
  if (token === "") return undefined;
  const key = parseJson(Buffer.from(token, "base64url").toString());
  const isValid =
    Array.isArray(key) &&
    key.length === patterns.length &&
    patterns.every((pattern, index) => typeof key[index] === "string" && pattern.test(key[index]));
  if (!isValid)
    throw invalidField("page_token", "BAD_PAGE_TOKEN", "is not a page token of this list");
  return key;
}

/** A UUID in lower case, as part of a page token. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A time as `Date.toISOString` writes it, as part of a page token. */
export const isoTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The number of a row, a bigint, as part of a page token. */
export const rowNumberPattern = /^-?\d{1,18}$/;

/** How many rows of a list are before a page, as part of a page token: no number of a row. */
export const offsetPattern = /^\+\d{1,4}$/;

/** The same, written. */
export function offsetKey(offset: number): string {
  return `+${offset}`;
}

/** The position before the first page of a list by descending row numbers. */
export const maxRowNumber = "9223372036854775807";

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
