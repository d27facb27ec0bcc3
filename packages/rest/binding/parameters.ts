import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { protoSnakeCase, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { violationError } from "../http/rest-error.ts";
import { protoPathOf, setField } from "./fields.ts";
import { mergeJson } from "./json-reader.ts";
import { type TextParser, TextValueError, textParserOf } from "./text-value.ts";

/** Where the text of a parameter goes: a field, or an entry of a map field, and how it is read. */
export type FieldPath = {
  fields: readonly DescField[];
  field: DescField;
  /** The proto names of the fields, dotted: how a violation names them. */
  path: string;
  parse: TextParser;
  mapKey: string | undefined;
};

/** The target at the end of a path of fields. Undefined when its values have no text form. */
export function fieldPathOf(fields: readonly DescField[], mapKey?: string): FieldPath | undefined {
  const field = fields.at(-1);
  const parse = field && textParserOf(field);
  return parse && { fields, field, path: protoPathOf(fields), parse, mapKey };
}

/** The names of the refusals differ for parameters in the path and in the query. */
export type ParameterReason = "INVALID_PATH_PARAMETER" | "INVALID_PARAMETER";

/**
 * Collects parameters and merges them into a message at the end: as one JSON object, so that they
 * obey the rules that JSON obeys, and field masks apart, because JSON has no way to write all names.
 */
export type ParameterSet = {
  readonly reason: ParameterReason;
  readonly json: JsonObject;
  readonly masks: { fields: readonly DescField[]; path: string; paths: string[] }[];
};

export function createParameterSet(reason: ParameterReason): ParameterSet {
  return { reason, json: Object.create(null) as JsonObject, masks: [] };
}

/** Adds one parameter. Throws RestError when the text is not a value, or the field has one already. */
export function addParameter(parameters: ParameterSet, target: FieldPath, text: string): void {
  const { fields, field, path, mapKey } = target;
  const value = parseValue(parameters, target, text);
  if (isFieldMask(field)) {
    if (parameters.masks.some((mask) => mask.path === path)) rejectDuplicate(parameters, path);
    const paths = text === "" ? [] : text.split(",").map(toProtoPath);
    parameters.masks.push({ fields, path, paths });
    return;
  }
  let parent = parameters.json;
  for (let i = 0; i < fields.length - 1; i++) parent = childObject(parent, fields[i]);
  if (mapKey !== undefined) parent = childObject(parent, field);
  const key = mapKey ?? field.jsonName;
  const before = parent[key];
  if (field.fieldKind === "list") {
    // Not copied: a form may repeat a field as often as it has pairs.
    if (before === undefined) parent[key] = [value];
    else (before as JsonValue[]).push(value);
  } else {
    if (before !== undefined) rejectDuplicate(parameters, path);
    parent[key] = value;
  }
}

function isFieldMask({ fieldKind, message }: DescField): boolean {
  return fieldKind === "message" && message.typeName === FieldMaskSchema.typeName;
}

/** Writes the parameters into the message. Throws RestError naming those whose value does not fit. */
export function applyParameters(
  { json, masks, reason }: ParameterSet,
  desc: DescMessage,
  message: Message,
  recursionLimit: number,
): void {
  const parsed = { json, sourceOf: () => undefined, mayHoldNull: false };
  mergeJson(desc, message, parsed, reason, { recursionLimit });
  for (const { fields, paths } of masks) setFieldMask(desc, message, fields, paths);
}

/** Sets a FieldMask field to the given paths of proto names. */
export function setFieldMask(
  desc: DescMessage,
  message: Message,
  fields: readonly DescField[],
  paths: string[],
): void {
  const mask = create(FieldMaskSchema, { paths });
  setField(reflect(desc, message), fields, reflect(FieldMaskSchema, mask));
}

function parseValue({ reason }: ParameterSet, { path, parse }: FieldPath, text: string): JsonValue {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TextValueError)) throw error;
    throw violationError([{ field: path, description: error.message, reason }]);
  }
}

function rejectDuplicate({ reason }: ParameterSet, path: string): never {
  throw violationError([{ field: path, description: "must not be repeated", reason }]);
}

/** Without a prototype, so that a map key such as "__proto__" is a key like any other. */
function childObject(parent: JsonObject, field: DescField | undefined): JsonObject {
  const name = field?.jsonName ?? "";
  const child = (parent[name] as JsonObject | undefined) ?? (Object.create(null) as JsonObject);
  parent[name] = child;
  return child;
}

/** Masks are accepted in JSON names too; a name with an underscore is a proto name already. */
function toProtoPath(path: string): string {
  return path
    .split(".")
    .map((name) => (name.includes("_") ? name : protoSnakeCase(name)))
    .join(".");
}
