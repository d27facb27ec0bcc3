import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { inputName, schemaReferencePrefix } from "./schema-registry.ts";
import type { JsonSchema } from "./schema-tables.ts";

/**
 * Gives the schemas of messages in requests the name of their type, unless responses have a schema of it that
 * differs, in itself or in what it refers to. Returns the schemas by name, and the document that refers to them.
 */
export function nameSchemas(
  named: ReadonlyMap<string, JsonSchema>,
  paths: JsonObject,
): { schemas: Map<string, JsonSchema>; paths: JsonObject } {
  const names = namesOfInputs(named);
  const schemas = new Map<string, JsonSchema>();
  for (const [name, schema] of named) {
    schemas.set(names.get(name) ?? name, renameReferences(schema, names) as JsonSchema);
  }
  return { schemas, paths: renameReferences(paths, names) as JsonObject };
}

/** Takes all schemas of a type for one, and then apart those that differ, until no more do. */
function namesOfInputs(named: ReadonlyMap<string, JsonSchema>): Map<string, string> {
  const suffix = inputName("");
  const inputs = [...named.keys()].filter((name) => name.endsWith(suffix));
  const names = new Map(inputs.map((name) => [name, name.slice(0, -suffix.length)]));
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const [name, typeName] of [...names]) {
      const output = named.get(typeName);
      if (!output) continue;
      const input = renameReferences(named.get(name) ?? {}, names);
      if (JSON.stringify(input) !== JSON.stringify(output)) names.delete(name);
    }
  }
  return names;
}

function renameReferences(json: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((one) => renameReferences(one, names));
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      if (key !== "$ref" || typeof value !== "string") return [key, renameReferences(value, names)];
      const [before, name] = value.split(schemaReferencePrefix);
      const renamed = before === "" && name !== undefined ? names.get(name) : undefined;
      return [key, renamed === undefined ? value : schemaReferencePrefix + renamed];
    }),
  );
}
