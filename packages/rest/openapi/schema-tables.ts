import { type JsonObject, ScalarType } from "@bufbuild/protobuf";

/** A JSON Schema of the 2020-12 dialect, which is that of OpenAPI 3.1. */
export type JsonSchema = JsonObject;

/**
 * Which JSON is described: what requests may hold is more than what responses do, and a parameter is text, so that
 * a number in quotes is no other value.
 */
export type SchemaDirection = "input" | "output" | "parameter";

/** In quotes an integer may be written as any number that has no fraction; how large, no pattern tells. */
const unsignedText = "(0|[1-9][0-9]*)(\\.0+)?([eE]\\+?[0-9]+)?";
const decimalText = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?";

type SchemasByDirection = Record<SchemaDirection, JsonSchema>;

function integer(format: string, quoted: string, more: JsonSchema = {}): SchemasByDirection {
  const number = { type: "integer", format, ...more };
  const input = { ...number, type: ["integer", "string"], pattern: `^${quoted}$` };
  return { input, output: number, parameter: number };
}

function longInteger(format: string, quoted: string, pattern: string): SchemasByDirection {
  const text = { type: "string", format, pattern };
  const input = { type: ["string", "integer"], format, pattern: `^${quoted}$` };
  return { input, output: text, parameter: text };
}

function floatingPoint(format: string): SchemasByDirection {
  const number = { type: "number", format };
  const names = { type: "string", enum: ["NaN", "Infinity", "-Infinity"] };
  const pattern = `^(${decimalText}|NaN|-?Infinity)$`;
  const input = { type: ["number", "string"], format, pattern };
  const output = { anyOf: [number, names] };
  return { input, output, parameter: output };
}

function same(schema: JsonSchema): SchemasByDirection {
  return { input: schema, output: schema, parameter: schema };
}

const int32 = integer("int32", `-?${unsignedText}`);
const uint32 = integer("uint32", unsignedText, { minimum: 0 });
const int64 = longInteger("int64", `-?${unsignedText}`, "^-?[0-9]+$");
const uint64 = longInteger("uint64", unsignedText, "^[0-9]+$");

const schemasByScalar: Record<ScalarType, SchemasByDirection> = {
  [ScalarType.STRING]: same({ type: "string" }),
  [ScalarType.BYTES]: same({ type: "string", format: "byte", contentEncoding: "base64" }),
  [ScalarType.BOOL]: same({ type: "boolean" }),
  [ScalarType.DOUBLE]: floatingPoint("double"),
  [ScalarType.FLOAT]: floatingPoint("float"),
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

/** The JSON form of scalars. */
export function scalarSchema(direction: SchemaDirection, scalar: ScalarType): JsonSchema {
  return { ...schemasByScalar[scalar][direction] };
}

/** The JSON form of google.protobuf.NullValue. */
export const nullValueSchemas: SchemasByDirection = {
  input: { enum: [null, "NULL_VALUE", 0] },
  output: { type: "null" },
  parameter: { enum: ["null", "NULL_VALUE"] },
};

const signedKey = "^-?[0-9]+$";
const unsignedKey = "^[0-9]+$";

/** The patterns of map keys that are not strings. */
export const mapKeyPatterns: { [type in ScalarType]?: string } = {
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

/** The JSON form of the well-known types that have one of their own; wrappers apart. */
export const wellKnownSchemas: Record<string, JsonSchema> = {
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
