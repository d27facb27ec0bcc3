import {
  create,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { RestError } from "../http/rest-error.ts";
import type { Binding, BodyMapping } from "./bindings.ts";
import { protoPathOf, setField } from "./fields.ts";
import { acceptsHttpBody } from "./http-body.ts";
import { type JsonReaderOptions, mergeJson } from "./json-reader.ts";
import { parseJson } from "./json-text.ts";
import { applyParameters } from "./parameters.ts";
import { type ParameterReader, parseQuery } from "./query-parameters.ts";

/**
 * Reads a body into the request message. Returns the JSON of what the body fills, from which an update mask
 * can be inferred; undefined without a body of JSON or a form.
 */
export type RequestBodyReader = (
  body: Uint8Array,
  contentType: string | null,
  message: Message,
) => JsonValue | undefined;

// A byte order mark is ignored at the beginning of a body only, by those who read it.
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Creates the reader of a binding's body. An empty body leaves the message as it is. */
export function createBodyReader(
  binding: Binding,
  readPairs: ParameterReader,
  options: JsonReaderOptions,
): RequestBodyReader {
  const { body: rule, method } = binding;
  const desc = method.input;
  if (rule.kind === "none") return rejectBody;
  if (acceptsHttpBody(binding)) return httpBodyReader(desc, rule);
  return (body, contentType, message) => {
    if (body.length === 0) return undefined;
    const type = bodyFormat(contentType);
    if (type === "form") return readForm(desc, rule, readPairs, decodeUtf8(body), message, options);
    return readJson(desc, rule, decodeUtf8(body), message, options);
  };
}

function rejectBody(body: Uint8Array): undefined {
  if (body.length > 0)
    throw new RestError("BODY_NOT_ALLOWED", "this method does not accept a body");
}

/** A google.api.HttpBody holds the bytes and their type, whatever they are. */
function httpBodyReader(desc: DescMessage, rule: BodyMapping): RequestBodyReader {
  return (data, givenType, message) => {
    const contentType = givenType ?? "application/octet-stream";
    if (rule.kind === "all") Object.assign(message, { contentType, data });
    if (rule.kind !== "field" || !rule.field.message) return undefined;
    const raw = create(rule.field.message, { contentType, data } as MessageInitShape<DescMessage>);
    setField(reflect(desc, message), rule.fields, reflect(rule.field.message, raw));
    return undefined;
  };
}

/**
 * JSON or a form. A body without a type is refused, since a page of another origin can send one without a
 * CORS preflight.
 */
function bodyFormat(contentType: string | null): "json" | "form" {
  if (contentType === "application/json") return "json";
  const type = utf8MediaType(contentType);
  if (isJsonMediaType(type)) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  const message = `content-type must be application/json, not "${contentType ?? ""}"`;
  throw new RestError("UNSUPPORTED_MEDIA_TYPE", message, {
    headers: [["accept", "application/json"]],
  });
}

/** The type of a Content-Type without its parameters; empty when its text would not be UTF-8. */
export function utf8MediaType(contentType: string | null): string {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters
    .find((one) => one.trim().startsWith("charset="))
    ?.trim()
    .slice(8);
  const isUtf8 = charset === undefined || /^"?utf-?8"?$/.test(charset);
  return isUtf8 ? type.trim() : "";
}

export function isJsonMediaType(type: string): boolean {
  return /^application\/([\w.-]+\+)?json$/.test(type);
}

/** The text of a body. Throws RestError when it is not UTF-8. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return utf8Decoder.decode(body);
  } catch {
    throw new RestError("MALFORMED_BODY", "the body is not valid UTF-8");
  }
}

function readJson(
  desc: DescMessage,
  rule: BodyMapping,
  text: string,
  message: Message,
  options: JsonReaderOptions,
): JsonValue | undefined {
  const fields = rule.kind === "field" ? rule.fields : [];
  const parsed = parseJson(
    text,
    fields.map(({ jsonName }) => jsonName),
  );
  mergeJson(desc, message, parsed, "INVALID_FIELD", options);
  return rule.kind === "field" ? valueAt(parsed.json, fields) : undefined;
}

function valueAt(json: JsonValue, fields: readonly DescField[]): JsonValue | undefined {
  return fields.reduce<JsonValue | undefined>(
    (value, { jsonName }) => (value as Record<string, JsonValue> | undefined)?.[jsonName],
    json,
  );
}

/** The fields of a form are named as query parameters are, from the message on that the body fills. */
function readForm(
  desc: DescMessage,
  rule: BodyMapping,
  readPairs: ParameterReader,
  text: string,
  message: Message,
  { recursionLimit }: JsonReaderOptions,
): JsonValue | undefined {
  const prefix = rule.kind === "field" ? `${protoPathOf(rule.fields)}.` : "";
  const pairs = parseQuery(text, true).map(([name, value]): [string, string] => [
    prefix + name,
    value,
  ]);
  const parameters = readPairs(pairs);
  applyParameters(parameters, desc, message, recursionLimit);
  return rule.kind === "field" ? valueAt(parameters.json, rule.fields) : undefined;
}
