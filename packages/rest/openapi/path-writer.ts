import type { DescField, JsonObject } from "@bufbuild/protobuf";
import type { Binding, PathParameter } from "../binding/bindings.ts";
import type { Segment, Template } from "../binding/path-template.ts";
import { fieldSchema, nameOf, type Schemas } from "./json-schema.ts";

/** A part of a path: its text, or a parameter with the name it would like and its schema. */
type Part = { text: string } | { name: string; longName: string; schema: JsonObject };

/** A path as OpenAPI writes it, with the parameters named in it. */
export type DocumentedPath = { path: string; parameters: JsonObject[] };

/**
 * Writes the paths of bindings as OpenAPI does. A variable of several segments becomes one parameter
 * for each of its wildcards: `/v1/{name=shelves/*}` is `/v1/shelves/{shelf}`. Paths that differ only in
 * the names of parameters get the names of the first, since OpenAPI takes them for one.
 */
export function pathWriter(schemas: Schemas): (binding: Binding) => DocumentedPath {
  const namesOf = new Map<string, string[]>();
  return (binding) => {
    const parts = partsOf(binding, schemas);
    const shape = write(binding.template, parts, []);
    const names = namesOf.get(shape) ?? uniqueNames(parts);
    namesOf.set(shape, names);
    const parameters = parts
      .flatMap((part) => ("text" in part ? [] : [part]))
      .map(({ schema }, i) => ({ name: names[i] ?? "", in: "path", required: true, schema }));
    return {
      path: write(binding.template, parts, names),
      parameters: parameters.map(liftDescription),
    };
  };
}

function partsOf({ template, pathParameters }: Binding, schemas: Schemas): Part[] {
  return template.segments.map((segment, i): Part => {
    if (segment.kind === "literal") return { text: encodeURIComponent(segment.text) };
    const owner = pathParameters.find(({ variable }) => variable.start <= i && i < variable.end);
    if (owner && !owner.variable.multiple) return wholeVariable(owner, schemas);
    if (owner && owner.variable.end - owner.variable.start === 1)
      return wholeVariable(owner, schemas);
    const name = nameAfter(template.segments[i - 1], i);
    return { name, longName: `${name}_${i}`, schema: textSchema(segment) };
  });
}

function wholeVariable({ variable, target }: PathParameter, schemas: Schemas): Part {
  const names = target.fields.map((one) => nameOf(schemas, one));
  const schema = fieldSchema(schemas, target.fields.at(-1) as DescField);
  return { name: names.at(-1) ?? variable.path, longName: names.join("."), schema };
}

function textSchema({ kind }: Segment): JsonObject {
  if (kind === "one") return { type: "string" };
  return { type: "string", description: "May contain slashes." };
}

/** A wildcard after `shelves` is a shelf. */
function nameAfter(before: Segment | undefined, index: number): string {
  if (before?.kind !== "literal" || !/^[A-Za-z]\w*$/.test(before.text)) return `segment${index}`;
  const { text } = before;
  if (/ies$/.test(text)) return text.replace(/ies$/, "y");
  if (/lves$/.test(text)) return text.replace(/ves$/, "f");
  return /[^s]s$/.test(text) ? text.slice(0, -1) : text;
}

function uniqueNames(parts: Part[]): string[] {
  const wanted = parts.flatMap((part) => ("text" in part ? [] : [part]));
  return wanted.map(({ name, longName }) =>
    wanted.filter((other) => other.name === name).length > 1 ? longName : name,
  );
}

function write({ verb }: Template, parts: Part[], names: string[]): string {
  const rest = [...names];
  const texts = parts.map((part) => ("text" in part ? part.text : `{${rest.shift() ?? ""}}`));
  return `/${texts.join("/")}${verb === "" ? "" : `:${verb}`}`;
}

function liftDescription(parameter: { schema: JsonObject }): JsonObject {
  const { description, deprecated: _, readOnly: __, ...schema } = parameter.schema;
  return { ...parameter, ...(description === undefined ? {} : { description }), schema };
}
