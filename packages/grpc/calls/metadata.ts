import type { HeaderFields } from "../hpack/header-fields.ts";
import { fieldKind, fieldKindOf } from "../http2/field-validation.ts";

/** Names with a meaning in HTTP/2 or gRPC, which are not metadata. */
const protocolFields = new Set([
  "te",
  "content-type",
  "content-length",
  "grpc-timeout",
  "grpc-encoding",
  "grpc-accept-encoding",
  "grpc-status",
  "grpc-message",
  "grpc-message-type",
]);

function isMetadata(name: string): boolean {
  return !protocolFields.has(name) && fieldKindOf(name) === fieldKind.regular;
}

/** The metadata among the fields of a block. */
export function metadataOf(fields: HeaderFields): Headers {
  const headers = new Headers();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (isMetadata(name)) headers.append(name, fields[at + 1] as string);
  }
  return headers;
}

/**
 * Appends metadata to the fields of a block, without protocol fields. Trims values, since white space at
 * their ends would make the block malformed (RFC 9113, section 8.2.1): two empty values of one name make
 * ", ". Binary values, which have no commas, become a field each: gRPC's C core takes no list of them.
 */
export function addMetadata(fields: string[], metadata: Headers): void {
  metadata.forEach((value, name) => {
    if (!isMetadata(name)) return;
    const values = name.endsWith("-bin") ? value.split(",") : [value];
    for (const one of values) fields.push(name, one.trim());
  });
}

/** The value of a field; the last one when it appears more often. */
export function lastFieldValue(fields: HeaderFields, name: string): string | undefined {
  for (let at = fields.length - 2; at >= 0; at -= 2) {
    if (fields[at] === name) return fields[at + 1];
  }
  return undefined;
}
