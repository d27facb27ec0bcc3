import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { FieldBehavior } from "../gen/google/api/field_behavior_pb.ts";
import { annotations, nullable, onlyAnnotations } from "./schema-keywords.ts";
import {
  hasBehavior,
  inputName,
  isRequired,
  jsonFieldName,
  type SchemaRegistry,
  schemaReference,
} from "./schema-registry.ts";
import {
  type JsonSchema,
  mapKeyPatterns,
  nullValueSchemas,
  scalarSchema,
  wellKnownSchemas,
} from "./schema-tables.ts";

/** The schema of a field's value, with all that is known of the field. */
export function fieldSchema(schemas: SchemaRegistry, field: DescField): JsonSchema {
  const { direction } = schemas;
  const { schema: rules = {} } = schemas.fieldConstraints(field);
  const schema = {
    ...typeSchema(schemas, field),
    ...annotations(schemas.comments(field), field.deprecated),
    ...(hasBehavior(field, FieldBehavior.OUTPUT_ONLY) ? { readOnly: true } : {}),
    ...(hasBehavior(field, FieldBehavior.INPUT_ONLY) ? { writeOnly: true } : {}),
    // Rules hold for what is sent: what is answered may be older than they are.
    ...(direction === "output" ? onlyAnnotations(rules) : rules),
  };
  return direction === "input" && !isRequired(schemas, field) ? nullable(schema) : schema;
}

/** The schema of a message: in place for a well-known type, a reference for any other. */
export function messageSchema(schemas: SchemaRegistry, message: DescMessage): JsonSchema {
  const { direction } = schemas;
  if (isWrapperDesc(message)) {
    const schema = scalarSchema(direction, message.fields[0].scalar);
    return direction === "parameter" ? schema : nullable(schema);
  }
  const wellKnown = wellKnownSchemas[message.typeName];
  if (wellKnown && hasCustomJsonRepresentation(message)) return { ...wellKnown };
  const name = direction === "input" ? inputName(message.typeName) : message.typeName;
  return schemaReference(schemas, name, () => objectSchema(schemas, message, () => true));
}

/** The schema of a message in place, with only the fields that are kept. */
export function objectSchema(
  schemas: SchemaRegistry,
  message: DescMessage,
  keep: (field: DescField) => boolean,
): JsonSchema {
  const fields = message.fields.filter(keep);
  const properties = fields.map((field) => [
    jsonFieldName(schemas, field),
    fieldSchema(schemas, field),
  ]);
  // A response leaves out what has its default value.
  const required =
    schemas.direction === "output" ? [] : fields.filter((field) => isRequired(schemas, field));
  const oneofs = message.oneofs.flatMap((oneof) => oneofSchemas(schemas, oneof, keep));
  return {
    type: "object",
    ...(fields.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(required.length > 0
      ? { required: required.map((field) => jsonFieldName(schemas, field)) }
      : {}),
    ...(oneofs.length > 0 ? { allOf: oneofs } : {}),
    ...annotations(schemas.comments(message), message.deprecated),
  };
}

function oneofSchemas(
  schemas: SchemaRegistry,
  oneof: DescOneof,
  keep: (field: DescField) => boolean,
): JsonSchema[] {
  const kept = oneof.fields.filter(keep);
  if (kept.length < 2) return [];
  const members = kept.map((field) => ({ required: [jsonFieldName(schemas, field)] }));
  const oneOf = [...members, { not: { anyOf: members } }];
  return [{ oneOf, ...annotations(schemas.comments(oneof), false) }];
}

function typeSchema(schemas: SchemaRegistry, field: DescField): JsonSchema {
  const value = valueSchema(schemas, field);
  if (field.fieldKind === "list") return { type: "array", items: value };
  if (field.fieldKind !== "map") return value;
  const pattern = mapKeyPatterns[field.mapKey];
  const propertyNames = pattern ? { propertyNames: { pattern } } : {};
  return { type: "object", additionalProperties: value, ...propertyNames };
}

function valueSchema(
  schemas: SchemaRegistry,
  { scalar, enum: desc, message }: Pick<DescField, "scalar" | "enum" | "message">,
): JsonSchema {
  if (scalar !== undefined) return scalarSchema(schemas.direction, scalar);
  if (desc) return enumSchema(schemas, desc);
  return message ? messageSchema(schemas, message) : {};
}

/** A name, or a number: one that has no name is kept, except from a parameter. */
function enumSchema(schemas: SchemaRegistry, desc: DescEnum): JsonSchema {
  const { direction } = schemas;
  if (desc.typeName === "google.protobuf.NullValue") return { ...nullValueSchemas[direction] };
  const name = schemaReference(schemas, desc.typeName, () => enumNamesSchema(schemas, desc));
  const number =
    direction === "parameter"
      ? { enum: desc.values.map((value) => value.number) }
      : { type: "integer", format: "int32" };
  return { anyOf: [name, number] };
}

function enumNamesSchema({ comments }: SchemaRegistry, desc: DescEnum): JsonSchema {
  const values = desc.values.flatMap((value) => {
    const text = comments(value);
    return text === undefined ? [] : [`- \`${value.jsonName}\`: ${text}`];
  });
  const text = [comments(desc), values.join("\n")].filter(Boolean).join("\n\n");
  const names = desc.values.map(({ jsonName }) => jsonName);
  return { type: "string", enum: names, ...annotations(text || undefined, desc.deprecated) };
}
