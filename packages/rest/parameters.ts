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
import { pathOf, setAt } from "./fields.ts";
import { violationError } from "./rest-error.ts";
import { TextError, type TextReader } from "./text-value.ts";
import { explain } from "./violations.ts";

/** Where the text of a parameter goes: a field, or an entry of a map field, and how it is read. */
export type Target = { fields: readonly DescField[]; read: TextReader; mapKey?: string };

/** The names of the refusals differ for parameters in the path and in the query. */
export type ParameterReason = "INVALID_PATH_PARAMETER" | "INVALID_PARAMETER";

/**
 * Collects parameters and merges them into a message at the end: as one JSON object, so that they
 * obey the rules that JSON obeys, and field masks apart, because JSON has no way to write all names.
 */
export type Parameters = {
  readonly reason: ParameterReason;
  readonly json: JsonObject;
  readonly masks: { fields: readonly DescField[]; paths: string[] }[];
};

export function emptyParameters(reason: ParameterReason): Parameters {
  return { reason, json: Object.create(null) as JsonObject, masks: [] };
}

/** Adds one parameter. Throws RestError when the text is not a value, or the field has one already. */
export function addParameter(parameters: Parameters, name: string, target: Target, text: string) {
  const { fields, mapKey } = target;
  const field = fields[fields.length - 1];
  const value = readText(parameters.reason, name, target.read, text);
  if (!field) return;
  if (field.message?.typeName === FieldMaskSchema.typeName && field.fieldKind === "message") {
    const paths = text === "" ? [] : text.split(",").map(protoPath);
    if (parameters.masks.some((mask) => pathOf(mask.fields) === pathOf(fields)))
      refuseSecond(parameters, name);
    parameters.masks.push({ fields, paths });
    return;
  }
  let parent = parameters.json;
  for (const step of fields.slice(0, -1)) parent = childOf(parent, step.jsonName);
  if (field.fieldKind === "list") {
    const items = (parent[field.jsonName] as JsonValue[] | undefined) ?? [];
    items.push(value);
    parent[field.jsonName] = items;
    return;
  }
  if (mapKey !== undefined) parent = childOf(parent, field.jsonName);
  const key = mapKey ?? field.jsonName;
  if (Object.hasOwn(parent, key)) refuseSecond(parameters, name);
  parent[key] = value;
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

function readText(reason: ParameterReason, name: string, read: TextReader, text: string) {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw violationError([{ field: name, description: error.message, reason }]);
  }
}

function refuseSecond({ reason }: Parameters, name: string): never {
  throw violationError([{ field: name, description: "is given twice", reason }]);
}

/** Without a prototype, so that a map key such as "__proto__" is a key like any other. */
function childOf(parent: JsonObject, name: string): JsonObject {
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
