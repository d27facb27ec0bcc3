import { type DescEnum, type DescField, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** Reads the text of a path or query parameter into the JSON that its field takes. */
export type TextReader = (text: string) => JsonValue;

/** Says what a text is not. The message is for people and follows the name of a parameter. */
export class TextError extends Error {
  override name = "TextError";
}

/** What a field, an item of a list or a value of a map holds. */
type Type = Pick<DescField, "scalar" | "enum" | "message">;

/**
 * The reader of one value of a field: of the field itself, of an item of a list, or of a value of a
 * map. Undefined when such a value has no text form, as messages other than the well-known ones.
 */
export function textReader({ scalar, enum: desc, message }: Type): TextReader | undefined {
  if (scalar !== undefined) return scalarReaders[scalar];
  if (desc) return (text) => readEnum(desc, text);
  if (!message) return undefined;
  if (isWrapperDesc(message)) return textReader(message.fields[0]);
  return wellKnownReaders[message.typeName];
}

function matching(pattern: RegExp, kind: string): TextReader {
  return (text) => {
    if (!pattern.test(text)) throw new TextError(`"${text}" is not ${kind}`);
    return text;
  };
}

const signed = matching(/^-?\d+$/, "an integer");
const unsigned = matching(/^\d+$/, "an integer of at least 0");
const float = matching(/^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|NaN|-?Infinity)$/i, "a number");

const scalarReaders: Record<ScalarType, TextReader> = {
  [ScalarType.STRING]: (text) => text,
  [ScalarType.BYTES]: matching(/^[A-Za-z0-9+/_-]*={0,2}$/, "base64"),
  [ScalarType.BOOL]: (text) => {
    if (text !== "true" && text !== "false") throw new TextError(`"${text}" is not true or false`);
    return text === "true";
  },
  [ScalarType.DOUBLE]: float,
  [ScalarType.FLOAT]: float,
  [ScalarType.INT32]: signed,
  [ScalarType.SINT32]: signed,
  [ScalarType.SFIXED32]: signed,
  [ScalarType.INT64]: signed,
  [ScalarType.SINT64]: signed,
  [ScalarType.SFIXED64]: signed,
  [ScalarType.UINT32]: unsigned,
  [ScalarType.FIXED32]: unsigned,
  [ScalarType.UINT64]: unsigned,
  [ScalarType.FIXED64]: unsigned,
};

const wellKnownReaders: Record<string, TextReader> = {
  "google.protobuf.Timestamp": matching(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
    "a time as in RFC 3339",
  ),
  "google.protobuf.Duration": matching(/^-?\d{1,12}(\.\d{1,9})?s$/, 'a duration such as "1.5s"'),
  "google.protobuf.FieldMask": matching(
    /^([^\s,.]+(\.[^\s,.]+)*(,(?!$)|$))*$/,
    "a list of field paths",
  ),
  "google.protobuf.Struct": readJson,
  "google.protobuf.Value": readJson,
  "google.protobuf.ListValue": readJson,
};

function readEnum(desc: DescEnum, text: string): JsonValue {
  if (text === "null" && desc.typeName === "google.protobuf.NullValue") return null;
  if (/^-?\d+$/.test(text) && desc.value[Number(text)]) return Number(text);
  if (desc.values.some(({ name, jsonName }) => name === text || jsonName === text)) return text;
  throw new TextError(`"${text}" is not a value of ${desc.name}`);
}

function readJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new TextError("is not JSON");
  }
}
