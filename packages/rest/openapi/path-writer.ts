import type { DescField, JsonObject } from "@bufbuild/protobuf";
import type { Binding, PathParameter } from "../binding/bindings.ts";
import type { PathSegment, PathTemplate } from "../binding/path-template.ts";
import { fieldSchema } from "./json-schema.ts";
import { jsonFieldName, type SchemaRegistry } from "./schema-registry.ts";

/** A part of a path: its text, or a parameter with the name it would like and its schema. */
type PathPart = { text: string } | { name: string; longName: string; schema: JsonObject };

/** A path as OpenAPI writes it, with the parameters named in it. */
export type OpenApiPath = { path: string; parameters: JsonObject[] };

/**
 * Writes the paths of bindings as OpenAPI does. A variable of several segments becomes one parameter
 * for each of its wildcards: `/v1/{name=shelves/*}` is `/v1/shelves/{shelf}`. Paths that differ only in
 * the names of parameters get the names of the first, since OpenAPI takes them for one.
 */
export function createPathWriter(schemas: SchemaRegistry): (binding: Binding) => OpenApiPath {
  const namesOf = new Map<string, string[]>();
  return (binding) => {
    const parts = partsOf(binding, schemas);
    const shape = formatPath(binding.template, parts, []);
    const names = namesOf.get(shape) ?? uniqueNames(parts);
    namesOf.set(shape, names);
    const parameters = parts
      .flatMap((part) => ("text" in part ? [] : [part]))
      .map(({ schema }, i) => ({ name: names[i] ?? "", in: "path", required: true, schema }));
    return {
      path: formatPath(binding.template, parts, names),
      parameters: parameters.map(liftDescription),
    };
  };
}

function partsOf({ template, pathParameters }: Binding, schemas: SchemaRegistry): PathPart[] {
  return template.segments.map((segment, i): PathPart => {
    if (segment.kind === "literal") return { text: escapeLiteral(segment.text) };
    const owner = pathParameters.find(({ variable }) => variable.start <= i && i < variable.end);
    if (owner && !owner.variable.multiple) return variableParameter(owner, schemas);
    if (owner && owner.variable.end - owner.variable.start === 1)
      return variableParameter(owner, schemas);
    const name = wildcardName(template.segments[i - 1], i);
    return { name, longName: `${name}_${i}`, schema: textSchema(segment) };
  });
}

/** A canonical segment holds %2F and %25 as escapes already. */
function escapeLiteral(text: string): string {
  return encodeURIComponent(text).replace(/%25(?=2[5F])/g, "%");
}

function variableParameter(
  { variable, fieldPath }: PathParameter,
  schemas: SchemaRegistry,
): PathPart {
  const names = fieldPath.fields.map((one) => jsonFieldName(schemas, one));
  const schema = fieldSchema(schemas, fieldPath.fields.at(-1) as DescField);
  return { name: names.at(-1) ?? variable.path, longName: names.join("."), schema };
}

function textSchema({ kind }: PathSegment): JsonObject {
  if (kind === "one") return { type: "string" };
  return { type: "string", description: "Can contain slashes." };
}

/** A wildcard after `shelves` is a shelf. */
function wildcardName(before: PathSegment | undefined, index: number): string {
  if (before?.kind !== "literal" || !/^[A-Za-z]\w*$/.test(before.text)) return `segment${index}`;
  const { text } = before;
  if (/ies$/.test(text)) return text.replace(/ies$/, "y");
  if (/lves$/.test(text)) return text.replace(/ves$/, "f");
  return /[^s]s$/.test(text) ? text.slice(0, -1) : text;
}

function uniqueNames(parts: PathPart[]): string[] {
  const wanted = parts.flatMap((part) => ("text" in part ? [] : [part]));
  return wanted.map(({ name, longName }) =>
    wanted.filter((other) => other.name === name).length > 1 ? longName : name,
  );
}

function formatPath({ verb }: PathTemplate, parts: PathPart[], names: string[]): string {
  const rest = [...names];
  const texts = parts.map((part) => ("text" in part ? part.text : `{${rest.shift() ?? ""}}`));
  return `/${texts.join("/")}${verb === "" ? "" : `:${verb.split(":").map(escapeLiteral).join(":")}`}`;
}

function liftDescription(parameter: { schema: JsonObject }): JsonObject {
  const { description, deprecated: _, readOnly: __, ...schema } = parameter.schema;
  return { ...parameter, ...(description === undefined ? {} : { description }), schema };
}
