import type { HeaderFields } from "../hpack/header-fields.ts";

/** What RFC 9113, section 6.5.2, adds for each field. */
const fieldOverheadBytes = 32;
/** The fields that a status cannot do without. */
const requiredFields = new Set([":status", "content-type", "grpc-status", "grpc-message"]);

/**
 * The fields of a block that ends a call with an error, reduced to what the peer accepts, since a block that is too
 * large would cost the call its status: without the details, then without metadata, then with a shorter message.
 */
export function fitStatus(fields: HeaderFields, maxBytes: number): HeaderFields {
  if (sizeOf(fields) <= maxBytes) return fields;
  const withoutDetails = filterNames(fields, (name) => name !== "grpc-status-details-bin");
  if (sizeOf(withoutDetails) <= maxBytes) return withoutDetails;
  const status = filterNames(fields, (name) => requiredFields.has(name));
  const excess = sizeOf(status) - maxBytes;
  if (excess <= 0) return status;
  return status.map((value, at) =>
    at % 2 === 1 && status[at - 1] === "grpc-message" ? shorten(value, excess) : value,
  );
}

function sizeOf(fields: HeaderFields): number {
  const count = fields.length / 2;
  return fields.reduce((sum, text) => sum + text.length, count * fieldOverheadBytes);
}

function filterNames(fields: HeaderFields, isKept: (name: string) => boolean): string[] {
  return fields.filter((_, at) => isKept(fields[at - (at % 2)] as string));
}

/** A percent-encoded text without its last `excess` characters, and without the rest of a character cut in two. */
function shorten(encoded: string, excess: number): string {
  const cut = encoded.slice(0, Math.max(encoded.length - excess, 0)).replace(/%.?$/, "");
  // The last character of several bytes, complete or not.
  const [last] = /(%[C-F][0-9A-F])(%[89AB][0-9A-F])*$/.exec(cut) ?? [];
  if (last === undefined) return cut;
  try {
    decodeURIComponent(last);
    return cut;
  } catch {
    return cut.slice(0, -last.length);
  }
}
