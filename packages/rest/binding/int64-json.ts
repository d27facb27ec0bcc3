import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { Violation } from "../http/rest-error.ts";
import { findField } from "./fields.ts";

const wide = new Set<ScalarType | undefined>([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);

const known = new WeakMap<DescMessage, boolean>();

/**
 * The fields whose text is none of a 64-bit integer although protobuf-es takes it for one: it reads what
 * JavaScript's BigInt does, to which an empty or blank text is 0 and "0x10" is 16.
 */
export function badIntegers(message: DescMessage, json: JsonValue, at = ""): Violation[] {
  if (!mayHoldWide(message) || typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => {
    const field = findField(message, key);
    return field ? inField(field, value, at + field.name) : [];
  });
}

function inField(field: DescField, value: JsonValue, at: string): Violation[] {
  if (typeof value !== "object" || value === null) return inValue(field, value, at);
  if (field.fieldKind === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) => inValue(field, item, `${at}[${index}]`));
  }
  if (field.fieldKind !== "map") return inValue(field, value, at);
  return Object.entries(value).flatMap(([key, item]) =>
    inValue(field, item, `${at}[${JSON.stringify(key)}]`),
  );
}

function inValue({ scalar, message }: DescField, value: JsonValue, at: string): Violation[] {
  const isWide = wide.has(message && isWrapperDesc(message) ? message.fields[0].scalar : scalar);
  if (isWide && typeof value === "string" && !/^-?[0-9]+$/.test(value)) {
    return [{ field: at, description: "must be an integer", reason: "INVALID_FIELD" }];
  }
  return message ? badIntegers(message, value, `${at}.`) : [];
}

/** Whether there can be such a field in a message, so that others need no look. */
export function mayHoldWide(message: DescMessage): boolean {
  const before = known.get(message);
  if (before !== undefined) return before;
  const found = holdsWide(message, new Set());
  known.set(message, found);
  return found;
}

function holdsWide(message: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some(
    (field) => wide.has(field.scalar) || (field.message && holdsWide(field.message, seen)),
  );
}
