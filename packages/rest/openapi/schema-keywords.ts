import type { JsonSchema } from "./schema-tables.ts";

const annotationKeywords = new Set([
  "title",
  "description",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "format",
]);

/** The keywords of a schema that describe and do not restrict. */
export function onlyAnnotations(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => annotationKeywords.has(keyword)),
  );
}

/** The schema with null beside its values; its annotations stay where tools look for them. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema;
  if (typeof type === "string" && !("enum" in schema) && !("allOf" in schema)) {
    return type === "null" ? schema : { ...schema, type: [type, "null"] };
  }
  if (Array.isArray(type))
    return type.includes("null") ? schema : { ...schema, type: [...type, "null"] };
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  const notes = onlyAnnotations(schema);
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !(keyword in notes)),
  );
  if (Object.keys(rest).length === 0) return schema;
  return { anyOf: [rest, { type: "null" }], ...notes };
}

export function annotations(text: string | undefined, deprecated: boolean): JsonSchema {
  return {
    ...(text === undefined ? {} : { description: text }),
    ...(deprecated ? { deprecated: true } : {}),
  };
}
