import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  mergeFromJson,
} from "@bufbuild/protobuf";
import { protoSnakeCase, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { violationError } from "../http/rest-error.ts";
import { pathOf, setAt } from "./fields.ts";
import { explain } from "./json-violations.ts";
import { TextError, type TextReader, textReader } from "./text-value.ts";

/** Where the text of a parameter goes: a field, or an entry of a map field, and how it is read. */
export type Target = {
  fields: readonly DescField[];
  field: DescField;
  /** The proto names of the fields, dotted: how a violation names them. */
  path: string;
  read: TextReader;
  mapKey: string | undefined;
};

/** The target at the end of a path of fields. Undefined when its values have no text form. */
export function targetAt(fields: readonly DescField[], mapKey?: string): Target | undefined {
  const field = fields.at(-1);
  const read = field && textReader(field);
  return read && { fields, field, path: pathOf(fields), read, mapKey };
}

/** The names of the refusals differ for parameters in the path and in the query. */
export type ParameterReason = "INVALID_PATH_PARAMETER" | "INVALID_PARAMETER";

/**
 * Collects parameters and merges them into a message at the end: as one JSON object, so that they
 * obey the rules that JSON obeys, and field masks apart, because JSON has no way to write all names.
 */
export type Parameters = {
  readonly reason: ParameterReason;
  readonly json: JsonObject;
  readonly masks: { fields: readonly DescField[]; path: string; paths: string[] }[];
};

export function emptyParameters(reason: ParameterReason): Parameters {
  return { reason, json: Object.create(null) as JsonObject, masks: [] };
}

/** Adds one parameter. Throws RestError when the text is not a value, or the field has one already. */
export function addParameter(parameters: Parameters, target: Target, text: string): void {
  const { fields, field, path, mapKey } = target;
  const value = readText(parameters, target, text);
  if (isMask(field)) {
    if (parameters.masks.some((mask) => mask.path === path)) refuseSecond(parameters, path);
    const paths = text === "" ? [] : text.split(",").map(protoPath);
    parameters.masks.push({ fields, path, paths });
    return;
  }
  let parent = parameters.json;
  for (let i = 0; i < fields.length - 1; i++) parent = childOf(parent, fields[i]);
  if (mapKey !== undefined) parent = childOf(parent, field);
  const key = mapKey ?? field.jsonName;
  const before = parent[key];
  if (field.fieldKind === "list") {
    parent[key] = before === undefined ? [value] : [...(before as JsonValue[]), value];
  } else {
    if (before !== undefined) refuseSecond(parameters, path);
    parent[key] = value;
  }
}

function isMask({ fieldKind, message }: DescField): boolean {
  return fieldKind === "message" && message.typeName === FieldMaskSchema.typeName;
}

/** Writes the parameters into the message. Throws RestError naming those whose value does not fit. */
export function applyParameters(
  { json, masks, reason }: Parameters,
  desc: DescMessage,
  message: Message,
  recursionLimit: number,
): void {
  try {
    mergeFromJson(desc, message, json, { recursionLimit });
  } catch (error) {
    throw explain(error, desc, json, "", { reason, recursionLimit });
  }
  for (const { fields, paths } of masks) setMask(desc, message, fields, paths);
}

/** Sets a FieldMask field to the given paths of proto names. */
export function setMask(
  desc: DescMessage,
  message: Message,
  fields: readonly DescField[],
  paths: string[],
): void {
  const mask = create(FieldMaskSchema, { paths });
  setAt(reflect(desc, message), fields, reflect(FieldMaskSchema, mask));
}

function readText({ reason }: Parameters, { path, read }: Target, text: string): JsonValue {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw violationError([{ field: path, description: error.message, reason }]);
  }
}

function refuseSecond({ reason }: Parameters, path: string): never {
  throw violationError([{ field: path, description: "is given twice", reason }]);
}

/** Without a prototype, so that a map key such as "__proto__" is a key like any other. */
function childOf(parent: JsonObject, field: DescField | undefined): JsonObject {
  const name = field?.jsonName ?? "";
  const child = (parent[name] as JsonObject | undefined) ?? (Object.create(null) as JsonObject);
  parent[name] = child;
  return child;
}

/** Masks are accepted in JSON names too; a name with an underscore is a proto name already. */
function protoPath(path: string): string {
  return path
    .split(".")
    .map((name) => (name.includes("_") ? name : protoSnakeCase(name)))
    .join(".");
}
