import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { FieldViolation } from "../http/rest-error.ts";
import { findField } from "./fields.ts";

const int64Types = new Set<ScalarType | undefined>([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);

const int64Messages = new WeakMap<DescMessage, boolean>();

/**
 * The int64 strings that protobuf-es accepts (BigInt syntax: "", " ", "0x10") but the JSON mapping does not.
 */
export function invalidInt64Fields(
  message: DescMessage,
  json: JsonValue,
  at = "",
): FieldViolation[] {
  if (!mayContainInt64(message) || typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const field = findField(message, key);
    return field ? invalidInField(field, value, at + field.name) : [];
  });
}

function invalidInField(field: DescField, value: JsonValue, at: string): FieldViolation[] {
  if (typeof value !== "object" || value === null) return invalidInValue(field, value, at);
  if (field.fieldKind === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) => invalidInValue(field, item, `${at}[${index}]`));
  }
  if (field.fieldKind !== "map") return invalidInValue(field, value, at);
  return Object.entries(value).flatMap(([key, item]) =>
    invalidInValue(field, item, `${at}[${JSON.stringify(key)}]`),
  );
}

function invalidInValue(
  { scalar, message }: DescField,
  value: JsonValue,
  at: string,
): FieldViolation[] {
  const isWide = int64Types.has(
    message && isWrapperDesc(message) ? message.fields[0].scalar : scalar,
  );
  if (isWide && typeof value === "string" && !/^-?[0-9]+$/.test(value)) {
    return [{ field: at, description: "must be an integer", reason: "INVALID_FIELD" }];
  }
  return message ? invalidInt64Fields(message, value, `${at}.`) : [];
}

/** Whether a message can contain such a field, so that others are not searched. */
export function mayContainInt64(message: DescMessage): boolean {
  const before = int64Messages.get(message);
  if (before !== undefined) return before;
  const found = containsInt64(message, new Set());
  int64Messages.set(message, found);
  return found;
}

function containsInt64(message: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some(
    (field) =>
      int64Types.has(field.scalar) || (field.message && containsInt64(field.message, seen)),
  );
}
