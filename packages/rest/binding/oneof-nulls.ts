import type { DescField, DescMessage, JsonValue } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { findField } from "./fields.ts";

/** Whose null is a value. */
const nullableTypes = new Set<string | undefined>([
  "google.protobuf.Value",
  "google.protobuf.NullValue",
]);

/**
 * Removes the members of oneofs that are null, which means the same as absent. protobuf-es does so for scalars, and
 * takes a message or an enum for a second member. Messages that are nested more than `depth` deep are left as they are.
 */
export function withoutOneofNulls(desc: DescMessage, json: JsonValue, depth: number): JsonValue {
  if (depth === 0 || !isObject(json) || hasCustomJsonRepresentation(desc)) return json;
  const entries = Object.entries(json).flatMap(([key, value]): [string, JsonValue][] => {
    const field = findField(desc, key);
    if (value === null && field && isNullMember(field)) return [];
    return [[key, field ? visitValue(field, value, depth - 1) : value]];
  });
  return Object.fromEntries(entries);
}

function isNullMember({ oneof, message, enum: enumeration }: DescField): boolean {
  return oneof !== undefined && !nullableTypes.has((message ?? enumeration)?.typeName);
}

function visitValue({ fieldKind, message }: DescField, value: JsonValue, depth: number): JsonValue {
  if (!message) return value;
  if (fieldKind === "list" && Array.isArray(value)) {
    return value.map((item) => withoutOneofNulls(message, item, depth));
  }
  if (fieldKind !== "map" || !isObject(value)) return withoutOneofNulls(message, value, depth);
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, withoutOneofNulls(message, item, depth)]),
  );
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
