import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  type JsonObject,
  ScalarType,
} from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { Comments } from "./comments.ts";
import { FieldBehavior, field_behavior } from "./gen/google/api/field_behavior_pb.ts";

/** A JSON Schema of the 2020-12 dialect, which is that of OpenAPI 3.1. */
export type JsonSchema = JsonObject;

/** What is known of a field beyond its type: keywords for its schema, and whether it must be set. */
export type FieldRules = { required?: boolean; schema?: JsonSchema };

export type SchemaOptions = {
  comments?: Comments;
  fieldRules?: (field: DescField) => FieldRules;
  useProtoFieldName?: boolean;
};

/** Makes schemas of fields and messages. Named ones are collected, and referred to. */
export type SchemaMaker = {
  /** Named schemas by full type name, as far as they have been referred to. */
  readonly named: Map<string, JsonSchema>;
  ofField: (field: DescField) => JsonSchema;
  ofMessage: (message: DescMessage) => JsonSchema;
  /** The object of a message in place, with only the fields that are kept. */
  objectOf: (message: DescMessage, keep: (field: DescField) => boolean) => JsonSchema;
  nameOf: (field: DescField) => string;
  isRequired: (field: DescField) => boolean;
};

export function schemaMaker(options: SchemaOptions): SchemaMaker {
  const { comments = () => undefined, useProtoFieldName } = options;
  const rulesOf = options.fieldRules ?? ((): FieldRules => ({}));
  const named = new Map<string, JsonSchema>();
  const nameOf = (field: DescField) => (useProtoFieldName ? field.name : field.jsonName);
  const isRequired = (field: DescField) =>
    rulesOf(field).required ?? behaviours(field).includes(FieldBehavior.REQUIRED);

  function ofField(field: DescField): JsonSchema {
    return {
      ...shapeOf(field),
      ...describe(comments(field), field.deprecated),
      ...(behaviours(field).includes(FieldBehavior.OUTPUT_ONLY) ? { readOnly: true } : {}),
      ...(behaviours(field).includes(FieldBehavior.INPUT_ONLY) ? { writeOnly: true } : {}),
      ...rulesOf(field).schema,
    };
  }

  function shapeOf(field: DescField): JsonSchema {
    if (field.fieldKind === "list") return { type: "array", items: ofValue(field) };
    if (field.fieldKind !== "map") return ofValue(field);
    const keys = keyPatterns[field.mapKey];
    const propertyNames = keys ? { propertyNames: { pattern: keys } } : {};
    return { type: "object", additionalProperties: ofValue(field), ...propertyNames };
  }

  function ofValue({
    scalar,
    enum: desc,
    message,
  }: Pick<DescField, "scalar" | "enum" | "message">) {
    if (scalar !== undefined) return { ...scalarSchemas[scalar] };
    if (desc) return ofEnum(desc);
    return message ? ofMessage(message) : {};
  }

  function ofMessage(message: DescMessage): JsonSchema {
    const value = isWrapperDesc(message) ? message.fields[0] : undefined;
    if (value) {
      const schema = scalarSchemas[value.scalar];
      return { ...schema, type: [schema.type as string, "null"] };
    }
    const wellKnown = wellKnownSchemas[message.typeName];
    if (wellKnown && hasCustomJsonRepresentation(message)) return { ...wellKnown };
    return refer(message.typeName, () => objectOf(message, () => true));
  }

  function ofEnum(desc: DescEnum): JsonSchema {
    if (desc.typeName === "google.protobuf.NullValue") return { type: "null" };
    return refer(desc.typeName, () => {
      const values = desc.values.map((value) => {
        const text = comments(value);
        return text === undefined ? [] : [`- \`${value.jsonName}\`: ${text}`];
      });
      const text = [comments(desc), values.flat().join("\n")].filter(Boolean).join("\n\n");
      const names = desc.values.map(({ jsonName }) => jsonName);
      return { type: "string", enum: names, ...describe(text || undefined, desc.deprecated) };
    });
  }

  function objectOf(message: DescMessage, keep: (field: DescField) => boolean): JsonSchema {
    const fields = message.fields.filter(keep);
    const properties = Object.fromEntries(fields.map((field) => [nameOf(field), ofField(field)]));
    const required = fields.filter(isRequired).map(nameOf);
    const oneofs = message.oneofs
      .map((oneof) => atMostOne(oneof, keep))
      .filter((one) => one !== undefined);
    return {
      type: "object",
      ...(fields.length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...(oneofs.length > 0 ? { allOf: oneofs } : {}),
      ...describe(comments(message), message.deprecated),
    };
  }

  function atMostOne(
    oneof: DescOneof,
    keep: (field: DescField) => boolean,
  ): JsonSchema | undefined {
    const members = oneof.fields.filter(keep).map((field) => ({ required: [nameOf(field)] }));
    if (members.length < 2) return undefined;
    return {
      oneOf: [...members, { not: { anyOf: members } }],
      ...describe(comments(oneof), false),
    };
  }

  /** The name is taken before the schema is made, so that types may refer to themselves. */
  function refer(typeName: string, make: () => JsonSchema): JsonSchema {
    if (!named.has(typeName)) {
      named.set(typeName, {});
      named.set(typeName, make());
    }
    return { $ref: `#/components/schemas/${typeName}` };
  }

  return { named, ofField, ofMessage, objectOf, nameOf, isRequired };
}

function describe(text: string | undefined, deprecated: boolean): JsonSchema {
  return {
    ...(text === undefined ? {} : { description: text }),
    ...(deprecated ? { deprecated: true } : {}),
  };
}

function behaviours(field: DescField): FieldBehavior[] {
  return getOption(field, field_behavior);
}

const int32 = { type: "integer", format: "int32" };
const uint32 = { type: "integer", format: "uint32", minimum: 0 };
const int64 = { type: "string", format: "int64", pattern: "^-?[0-9]+$" };
const uint64 = { type: "string", format: "uint64", pattern: "^[0-9]+$" };

const scalarSchemas: Record<ScalarType, JsonSchema> = {
  [ScalarType.STRING]: { type: "string" },
  [ScalarType.BYTES]: { type: "string", format: "byte", contentEncoding: "base64" },
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

const signedKey = "^-?[0-9]+$";
const unsignedKey = "^[0-9]+$";

const keyPatterns: { [type in ScalarType]?: string } = {
  [ScalarType.BOOL]: "^(true|false)$",
  [ScalarType.INT32]: signedKey,
  [ScalarType.SINT32]: signedKey,
  [ScalarType.SFIXED32]: signedKey,
  [ScalarType.INT64]: signedKey,
  [ScalarType.SINT64]: signedKey,
  [ScalarType.SFIXED64]: signedKey,
  [ScalarType.UINT32]: unsignedKey,
  [ScalarType.FIXED32]: unsignedKey,
  [ScalarType.UINT64]: unsignedKey,
  [ScalarType.FIXED64]: unsignedKey,
};

const wellKnownSchemas: Record<string, JsonSchema> = {
  "google.protobuf.Any": {
    type: "object",
    properties: {
      "@type": { type: "string", examples: ["type.googleapis.com/google.rpc.ErrorInfo"] },
    },
    required: ["@type"],
    additionalProperties: true,
  },
  "google.protobuf.Timestamp": {
    type: "string",
    format: "date-time",
    examples: ["2026-01-31T09:30:00Z"],
  },
  "google.protobuf.Duration": {
    type: "string",
    pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$",
    examples: ["1.5s"],
  },
  "google.protobuf.FieldMask": { type: "string", examples: ["title,author.nickname"] },
  "google.protobuf.Struct": { type: "object", additionalProperties: true },
  "google.protobuf.Value": {},
  "google.protobuf.ListValue": { type: "array", items: {} },
};
