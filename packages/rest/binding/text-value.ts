import { type DescEnum, type DescField, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { parseJson } from "./json-text.ts";

/** Reads the text of a path or query parameter into the JSON that its field takes. */
export type TextParser = (text: string) => JsonValue;

/** Says what a text is not. The message is for people and follows the name of a parameter. */
export class TextValueError extends Error {
  override name = "TextError";
}

/** What a field, an item of a list or a value of a map holds. */
type ValueType = Pick<DescField, "scalar" | "enum" | "message">;

/**
 * The reader of one value of a field: of the field itself, of an item of a list, or of a value of a
 * map. Undefined when such a value has no text form, as messages other than the well-known ones.
 */
export function textParserOf({ scalar, enum: desc, message }: ValueType): TextParser | undefined {
  if (scalar !== undefined) return scalarReaders[scalar];
  if (desc) return (text) => readEnum(desc, text);
  if (!message) return undefined;
  if (isWrapperDesc(message)) return textParserOf(message.fields[0]);
  return wellKnownReaders[message.typeName];
}

function matchPattern(pattern: RegExp, kind: string): TextParser {
  return (text) => {
    if (!pattern.test(text)) throw new TextValueError(`"${text}" is not ${kind}`);
    return text;
  };
}

const signed = integerParser(/^-?\d+$/, "an integer");
const unsigned = integerParser(/^\d+$/, "a non-negative integer");
const floatPattern = /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|NaN|-?Infinity)$/i;
const matchFloat = matchPattern(floatPattern, "a number");

/** In JSON, a number has no leading zeros. */
function integerParser(pattern: RegExp, kind: string): TextParser {
  const match = matchPattern(pattern, kind);
  return (text) => String(match(text)).replace(/^(-?)0+(?=\d)/, "$1");
}

function float(text: string): JsonValue {
  const value = Number(matchFloat(text));
  // What overflows stays as it is, to be refused like the names of numbers that are none.
  return Number.isFinite(value) ? value : text;
}

const scalarReaders: Record<ScalarType, TextParser> = {
  [ScalarType.STRING]: (text) => text,
  [ScalarType.BYTES]: matchPattern(/^[A-Za-z0-9+/_-]*={0,2}$/, "base64"),
  [ScalarType.BOOL]: (text) => {
    if (text !== "true" && text !== "false")
      throw new TextValueError(`"${text}" is not true or false`);
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

const wellKnownReaders: Record<string, TextParser> = {
  "google.protobuf.Timestamp": matchPattern(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
    "an RFC 3339 time",
  ),
  "google.protobuf.Duration": matchPattern(
    /^-?\d{1,12}(\.\d{1,9})?s$/,
    'a duration such as "1.5s"',
  ),
  "google.protobuf.FieldMask": matchPattern(
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
  throw new TextValueError(`"${text}" is not a value of ${desc.name}`);
}

function readJson(text: string): JsonValue {
  try {
    const { json } = parseJson(text, ["value"]);
    return (json as { value: JsonValue }).value;
  } catch {
    throw new TextValueError("is not valid JSON");
  }
}
