import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";

const fieldTables = new WeakMap<DescMessage, Map<string, DescField>>();

/** The field of a message by its proto name or its JSON name. */
export function findField(message: DescMessage, name: string): DescField | undefined {
  let table = fieldTables.get(message);
  if (!table) {
    table = new Map(message.fields.map((field) => [field.jsonName, field]));
    for (const field of message.fields) table.set(field.name, field);
    fieldTables.set(message, table);
  }
  return table.get(name);
}

/**
 * The fields that a dotted path leads through, by proto or JSON names. Undefined when one does not
 * exist, or when the path goes through a list, a map, or a message that JSON shows as one value.
 */
export function findFields(message: DescMessage, path: string): DescField[] | undefined {
  const fields: DescField[] = [];
  let parent: DescMessage | undefined = message;
  for (const name of path.split(".")) {
    const field: DescField | undefined = parent && findField(parent, name);
    if (!field) return undefined;
    fields.push(field);
    parent = isStructured(field) ? field.message : undefined;
  }
  return fields;
}

/** Whether the field holds one message that JSON shows as an object of its fields. */
export function isStructured(field: DescField): field is DescField & { fieldKind: "message" } {
  return field.fieldKind === "message" && !hasCustomJsonRepresentation(field.message);
}

/** Whether the field holds a list of such messages. */
export function isStructuredList(
  field: DescField,
): field is DescField & { fieldKind: "list"; listKind: "message" } {
  return (
    field.fieldKind === "list" &&
    field.listKind === "message" &&
    !hasCustomJsonRepresentation(field.message)
  );
}

/** The proto names of the fields, dotted. */
export function protoPathOf(fields: readonly DescField[]): string {
  return fields.map((field) => field.name).join(".");
}

/** Sets the field at the end of the path, making the messages on the way where they are missing. */
export function setField(root: ReflectMessage, fields: readonly DescField[], value: unknown): void {
  const [field, ...rest] = fields;
  if (!field) return;
  if (rest.length === 0) {
    root.set(field, value);
    return;
  }
  const next = root.get(field) as ReflectMessage;
  setField(next, rest, value);
  root.set(field, next);
}
