import type { HeaderFields } from "../hpack/decoder.ts";
import { fieldKind, fieldKindOf } from "../http2/field-validation.ts";

/** The metadata among the fields of a block, as Connect gives it to handlers and callers. */
export function metadataOf(fields: HeaderFields): Headers {
  const headers = new Headers();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (fieldKindOf(name) === fieldKind.metadata) headers.append(name, fields[at + 1] as string);
  }
  return headers;
}

/**
 * Adds metadata to the fields of a block. What belongs to the protocol is left out, and so are blanks at
 * the ends of values, which would make the block malformed (RFC 9113, section 8.2.1): two empty values of
 * one name make ", ".
 */
export function addMetadata(fields: string[], metadata: Headers): void {
  metadata.forEach((value, name) => {
    if (fieldKindOf(name) === fieldKind.metadata) fields.push(name, value.trim());
  });
}

/** The value of a field; the last one when it appears more often. */
export function lastFieldValue(fields: HeaderFields, name: string): string | undefined {
  for (let at = fields.length - 2; at >= 0; at -= 2) {
    if (fields[at] === name) return fields[at + 1];
  }
  return undefined;
}
