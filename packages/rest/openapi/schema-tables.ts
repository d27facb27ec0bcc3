import { type JsonObject, ScalarType } from "@bufbuild/protobuf";

/** A JSON Schema of the 2020-12 dialect, which is that of OpenAPI 3.1. */
export type JsonSchema = JsonObject;

const int32 = { type: "integer", format: "int32" };
const uint32 = { type: "integer", format: "uint32", minimum: 0 };
const int64 = { type: "string", format: "int64", pattern: "^-?[0-9]+$" };
const uint64 = { type: "string", format: "uint64", pattern: "^[0-9]+$" };

/** The JSON form of scalars. */
export const scalarSchemas: Record<ScalarType, JsonSchema> = {
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
