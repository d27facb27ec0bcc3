import { type DescField, getOption } from "@bufbuild/protobuf";
import { FieldBehavior, field_behavior } from "../gen/google/api/field_behavior_pb.ts";
import type { FindComment } from "./comments.ts";
import type { JsonSchema, SchemaDirection } from "./schema-tables.ts";

/** What is known of a field beyond its type: keywords for its schema, and whether it must be set. */
export type FieldConstraints = { required?: boolean; schema?: JsonSchema };

export type SchemaOptions = {
  comments?: FindComment;
  /** Further rules of a field, say those of a validator. They win over google.api.field_behavior. */
  fieldConstraints?: (field: DescField) => FieldConstraints;
  /** Whether names are those of the .proto file, as for the transcoder's `json` option. */
  useProtoFieldName?: boolean;
};

/** The schemas of one direction: named ones are collected here, by the name that references have. */
export type SchemaRegistry = {
  readonly direction: SchemaDirection;
  readonly named: Map<string, JsonSchema>;
  readonly comments: FindComment;
  readonly fieldConstraints: (field: DescField) => FieldConstraints;
  readonly useProtoFieldName: boolean;
};

/** The schemas of requests, responses and parameters. */
export type SchemaRegistries = { readonly [direction in SchemaDirection]: SchemaRegistry };

export function createSchemaRegistries(options: SchemaOptions): SchemaRegistries {
  const {
    comments = () => undefined,
    fieldConstraints = () => ({}),
    useProtoFieldName = false,
  } = options;
  const named = new Map<string, JsonSchema>();
  const of = (direction: SchemaDirection): SchemaRegistry => ({
    direction,
    named,
    comments,
    fieldConstraints,
    useProtoFieldName,
  });
  return { input: of("input"), output: of("output"), parameter: of("parameter") };
}

export const schemaReferencePrefix = "#/components/schemas/";

/** The name of a message's schema in requests, as long as its schema in responses may differ. */
export function inputName(typeName: string): string {
  return `${typeName}-input`;
}

/** The name of a field in JSON. */
export function jsonFieldName({ useProtoFieldName }: SchemaRegistry, field: DescField): string {
  return useProtoFieldName ? field.name : field.jsonName;
}

export function isRequired({ fieldConstraints }: SchemaRegistry, field: DescField): boolean {
  return fieldConstraints(field).required ?? hasBehavior(field, FieldBehavior.REQUIRED);
}

/** The name is taken before the schema is made, so that types may refer to themselves. */
export function schemaReference(
  { named }: SchemaRegistry,
  name: string,
  make: () => JsonSchema,
): JsonSchema {
  if (!named.has(name)) {
    named.set(name, {});
    named.set(name, make());
  }
  return { $ref: schemaReferencePrefix + name };
}

export function hasBehavior(field: DescField, behavior: FieldBehavior): boolean {
  return getOption(field, field_behavior).includes(behavior);
}
