import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonReadOptions,
  type JsonValue,
} from "@bufbuild/protobuf";
import {
  type FieldViolation,
  RestError,
  type RestErrorReason,
  violationError,
} from "../http/rest-error.ts";
import { findField, isStructured, isStructuredList } from "./fields.ts";
import { checkFieldJson } from "./json-values.ts";

/** A body with a million wrong fields must not produce a response with a million lines. */
const maxViolations = 20;

type ViolationSearch = {
  reason: RestErrorReason;
  options: Partial<JsonReadOptions> & { recursionLimit: number };
  found: FieldViolation[];
};

/**
 * Explains why JSON could not be read into a message: as violations that name the unknown fields and
 * the fields whose value does not fit, or by the text of the cause when no single field is to blame.
 * Only called after reading has failed, so that reading stays fast; costs about as much once more.
 */
export function toViolationError(
  cause: unknown,
  desc: DescMessage,
  json: JsonValue,
  options: { reason: RestErrorReason } & Partial<JsonReadOptions> & { recursionLimit: number },
): RestError {
  const search: ViolationSearch = { reason: options.reason, options, found: [] };
  visitMessage(search, desc, json, "", 1);
  const [first, ...others] = search.found;
  if (first) return violationError([first, ...others]);
  return new RestError(options.reason, errorText(cause));
}

function visitMessage(
  search: ViolationSearch,
  message: DescMessage,
  json: JsonValue,
  at: string,
  depth: number,
): void {
  if (depth > search.options.recursionLimit) addViolation(search, at, "is nested too deeply");
  else if (!isObject(json)) addViolation(search, at, "must be an object");
  else visitFields(search, message, json, at, depth);
}

function visitFields(
  search: ViolationSearch,
  message: DescMessage,
  json: Record<string, JsonValue>,
  at: string,
  depth: number,
): void {
  for (const [key, value] of Object.entries(json)) {
    const field = findField(message, key);
    if (field) visitField(search, field, value, at + field.name, depth);
    else
      search.found.push({ field: at + key, description: "unknown field", reason: "UNKNOWN_FIELD" });
    if (search.found.length >= maxViolations) return;
  }
}

function visitField(
  search: ViolationSearch,
  field: DescField,
  value: JsonValue,
  at: string,
  depth: number,
): void {
  if (isStructured(field) && value !== null) {
    visitMessage(search, field.message, value, `${at}.`, depth + 1);
  } else if (isStructuredList(field) && Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      visitMessage(search, field.message, item, `${at}[${i}].`, depth + 1);
      if (search.found.length >= maxViolations) return;
    }
  } else visitValue(search, field, value, at, depth);
}

function visitValue(
  search: ViolationSearch,
  field: DescField,
  value: JsonValue,
  at: string,
  depth: number,
): void {
  const { found, options } = search;
  const before = found.length;
  checkFieldJson(field, value, at, {
    registry: options.registry,
    depthLeft: options.recursionLimit - depth,
    // The integers were normalized before anything was refused.
    sourceOf: () => undefined,
    report: (path, problem) => addViolation(search, path, problem),
  });
  if (found.length > before) return;
  try {
    fromJson(field.parent, { [field.jsonName]: value }, options);
  } catch (error) {
    addViolation(search, at, errorText(error));
  }
}

function addViolation({ found, reason }: ViolationSearch, at: string, description: string): void {
  if (found.length >= maxViolations) return;
  found.push({ field: at.replace(/\.$/, ""), description, reason });
}

/** The text of an error of protobuf-es without its first half, which names the descriptor. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return "is invalid";
  return error.message.replace(/^cannot decode .*? from JSON: /, "");
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
