import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
} from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { FieldBehavior, field_behavior } from "../gen/google/api/field_behavior_pb.ts";
import type { FindComment } from "./comments.ts";
import {
  type JsonSchema,
  mapKeyPatterns,
  scalarSchemas,
  wellKnownSchemas,
} from "./schema-tables.ts";

/** What is known of a field beyond its type: keywords for its schema, and whether it must be set. */
export type FieldConstraints = { required?: boolean; schema?: JsonSchema };

export type SchemaOptions = {
  comments?: FindComment;
  /** Further rules of a field, say those of a validator. They win over google.api.field_behavior. */
  fieldConstraints?: (field: DescField) => FieldConstraints;
  /** Whether names are those of the .proto file, as for the transcoder's `json` option. */
  useProtoFieldName?: boolean;
};

/** Where schemas are made: named ones are collected here, by full type name, and referred to. */
export type SchemaRegistry = {
  readonly named: Map<string, JsonSchema>;
  readonly comments: FindComment;
  readonly fieldConstraints: (field: DescField) => FieldConstraints;
  readonly useProtoFieldName: boolean;
};

export function createSchemaRegistry(options: SchemaOptions): SchemaRegistry {
  const {
    comments = () => undefined,
    fieldConstraints = () => ({}),
    useProtoFieldName = false,
  } = options;
  return { named: new Map(), comments, fieldConstraints, useProtoFieldName };
}

/** The name of a field in JSON. */
export function jsonFieldName({ useProtoFieldName }: SchemaRegistry, field: DescField): string {
  return useProtoFieldName ? field.name : field.jsonName;
}

export function isRequired({ fieldConstraints }: SchemaRegistry, field: DescField): boolean {
  return fieldConstraints(field).required ?? hasBehavior(field, FieldBehavior.REQUIRED);
}

/** The schema of a field's value, with all that is known of the field. */
export function fieldSchema(schemas: SchemaRegistry, field: DescField): JsonSchema {
  return {
    ...typeSchema(schemas, field),
    ...annotations(schemas.comments(field), field.deprecated),
    ...(hasBehavior(field, FieldBehavior.OUTPUT_ONLY) ? { readOnly: true } : {}),
    ...(hasBehavior(field, FieldBehavior.INPUT_ONLY) ? { writeOnly: true } : {}),
    ...schemas.fieldConstraints(field).schema,
  };
}

/** The schema of a message: in place for a well-known type, a reference for any other. */
export function messageSchema(schemas: SchemaRegistry, message: DescMessage): JsonSchema {
  if (isWrapperDesc(message)) {
    const schema = scalarSchemas[message.fields[0].scalar];
    return { ...schema, type: [schema.type as string, "null"] };
  }
  const wellKnown = wellKnownSchemas[message.typeName];
  if (wellKnown && hasCustomJsonRepresentation(message)) return { ...wellKnown };
  return schemaReference(schemas, message.typeName, () =>
    objectSchema(schemas, message, () => true),
  );
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
  const required = fields.filter((field) => isRequired(schemas, field));
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
  if (scalar !== undefined) return { ...scalarSchemas[scalar] };
  if (desc) return enumSchema(schemas, desc);
  return message ? messageSchema(schemas, message) : {};
}

function enumSchema(schemas: SchemaRegistry, desc: DescEnum): JsonSchema {
  if (desc.typeName === "google.protobuf.NullValue") return { type: "null" };
  const { comments } = schemas;
  return schemaReference(schemas, desc.typeName, () => {
    const values = desc.values.flatMap((value) => {
      const text = comments(value);
      return text === undefined ? [] : [`- \`${value.jsonName}\`: ${text}`];
    });
    const text = [comments(desc), values.join("\n")].filter(Boolean).join("\n\n");
    const names = desc.values.map(({ jsonName }) => jsonName);
    return { type: "string", enum: names, ...annotations(text || undefined, desc.deprecated) };
  });
}

/** The name is taken before the schema is made, so that types may refer to themselves. */
function schemaReference(
  { named }: SchemaRegistry,
  typeName: string,
  make: () => JsonSchema,
): JsonSchema {
  if (!named.has(typeName)) {
    named.set(typeName, {});
    named.set(typeName, make());
  }
  return { $ref: `#/components/schemas/${typeName}` };
}

function annotations(text: string | undefined, deprecated: boolean): JsonSchema {
  return {
    ...(text === undefined ? {} : { description: text }),
    ...(deprecated ? { deprecated: true } : {}),
  };
}

function hasBehavior(field: DescField, behavior: FieldBehavior): boolean {
  return getOption(field, field_behavior).includes(behavior);
}
