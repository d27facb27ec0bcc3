import { fromJsonString, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { RestError } from "../http/rest-error.ts";

/** The text of a number, by the object or list that holds it and its key there; undefined where it does not matter. */
export type NumberSource = (holder: object, key: string) => string | undefined;

export type ParsedJson = { json: JsonValue; sourceOf: NumberSource; mayHoldNull: boolean };

/**
 * Numbers that a double may not hold exactly: of sixteen digits or more, or with an exponent. What follows a quote, a
 * letter or a dash, as in ids, is none.
 */
const inexactNumberPattern = /(?<![\w".-])-?(?:[\d.]{16}|[\d.]+[eE])/;

/**
 * Parses JSON text, as the value of the field at the end of a path of names when some are given. Throws RestError
 * when it is not JSON (RFC 8259), or when an object has a name twice, of which JSON.parse would drop the first.
 */
export function parseJson(text: string, fieldNames: readonly string[] = []): ParsedJson {
  const sources = inexactNumberPattern.test(text) ? new Map<object, JsonObject>() : undefined;
  const value = parseText(text, sources && recordSources(sources));
  if (typeof value === "object" && value !== null) rejectDoubledNames(text, Array.isArray(value));
  let json = value;
  for (const name of fieldNames.toReversed()) {
    const holder = { [name]: json };
    if (typeof json === "number") sources?.set(holder, { [name]: text.trim() });
    json = holder;
  }
  return {
    json,
    sourceOf: (holder, key) => sources?.get(holder)?.[key] as string | undefined,
    mayHoldNull: text.includes("null"),
  };
}

type Reviver = (this: object, key: string, value: unknown, context?: { source: string }) => unknown;

function recordSources(sources: Map<object, JsonObject>): Reviver {
  return function (key, value, context) {
    if (typeof value !== "number" || Number.isSafeInteger(value) || !context) return value;
    const known = sources.get(this) ?? (Object.create(null) as JsonObject);
    known[key] = context.source;
    sources.set(this, known);
    return value;
  };
}

function parseText(text: string, reviver: Reviver | undefined): JsonValue {
  try {
    return JSON.parse(text, reviver) as JsonValue;
  } catch (error) {
    // A reviver goes as deep as the text does.
    const problem = error instanceof RangeError ? "nested too deeply" : (error as Error).message;
    throw new RestError("MALFORMED_JSON", `the body is not valid JSON: ${problem}`);
  }
}

/** protobuf-es looks for them in text only, and needs an object that it can read into a message. */
function rejectDoubledNames(text: string, isList: boolean): void {
  try {
    const object = isList ? `{"list":${text}}` : text;
    fromJsonString(EmptySchema, object, { ignoreUnknownFields: true });
  } catch (error) {
    const [problem = "an object has a name twice"] =
      /duplicate object key.*/s.exec((error as Error).message) ?? [];
    throw new RestError("INVALID_FIELD", problem);
  }
}
