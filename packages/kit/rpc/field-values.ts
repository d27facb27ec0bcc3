import { type DescField, type Message, ScalarType } from "@bufbuild/protobuf";

/**
 * The strings and messages in a field that is set, each with its path relative to the field: the value, the
 * items of a list, or the keys and values of a map. Paths are written as in protovalidate, `[0]`, `["key"]`.
 * Empty for fields of other types.
 */
export function fieldValues(message: Message, field: DescField): [path: string, value: unknown][] {
  const isText = field.scalar === ScalarType.STRING;
  const isMap = field.fieldKind === "map";
  if (!isText && !field.message && !isMap) return [];
  const fields = message as unknown as Record<string, unknown>;
  if (field.oneof) return [["", (fields[field.oneof.localName] as { value: unknown }).value]];
  const value = fields[field.localName];
  if (field.fieldKind === "list") {
    return (value as unknown[]).map((item, index) => [`[${index}]`, item]);
  }
  if (!isMap) return [["", value]];
  const hasTextKeys = field.mapKey === ScalarType.STRING;
  return Object.entries(value as object).flatMap(([key, item]) => {
    const path = `[${hasTextKeys ? JSON.stringify(key) : key}]`;
    return [key, item].map((one): [string, unknown] => [path, one]);
  });
}
