import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { RestError, violationError } from "../http/rest-error.ts";
import type { Binding } from "./bindings.ts";
import { findFields } from "./fields.ts";
import {
  addParameter,
  createParameterSet,
  type FieldPath,
  fieldPathOf,
  type ParameterSet,
} from "./parameters.ts";

/** Pairs of a query or a form: as many as Rack takes. A body of 4 MiB could hold a million. */
const maxParameters = 4_096;

/** Reads the pairs of a query or a form into parameters of one message. */
export type ParameterReader = (pairs: [name: string, value: string][]) => ParameterSet;

/**
 * The reader of a message's query parameters: `page_size=5`, `pageSize=5`, `author.id=x`, `tag=a&tag=b`,
 * `labels[key]=v`. A name that is no field, or that is reserved because the path or the body fills
 * it, is refused unless it is among the ignored ones.
 */
export function createParameterReader(
  desc: DescMessage,
  reserved: readonly (readonly DescField[])[],
  ignored: ReadonlySet<string>,
): ParameterReader {
  const targets = new Map<string, FieldPath>();
  const isReserved = (fields: readonly DescField[]) =>
    reserved.some((path) => path.every((field, i) => field === fields[i]));

  function targetOf(name: string): FieldPath | undefined {
    const known = targets.get(name);
    if (known) return known;
    const target = resolveName(desc, name);
    if (!target || isReserved(target.fields)) return undefined;
    // Bounded, because the names that lead through a recursive type are endless.
    if (target.mapKey === undefined && targets.size < 1000) targets.set(name, target);
    return target;
  }

  return (pairs) => {
    const parameters = createParameterSet("INVALID_PARAMETER");
    for (const [name, value] of pairs) {
      const target = targetOf(name);
      if (target) addParameter(parameters, target, value);
      else if (!ignored.has(name)) throw unknownParameter(name);
    }
    return parameters;
  };
}

function unknownParameter(name: string): RestError {
  // Without a name, a violation would be one of the whole request.
  if (name === "") return new RestError("UNKNOWN_PARAMETER", "a parameter has no name");
  const description = "unknown parameter";
  return violationError([{ field: name, description, reason: "UNKNOWN_PARAMETER" }]);
}

function resolveName(desc: DescMessage, name: string): FieldPath | undefined {
  const [, path = name, mapKey] = /^([^[]*)\[(.*)\]$/s.exec(name) ?? [];
  const target = fieldPathOf(findFields(desc, path) ?? [], mapKey);
  const isEntry = mapKey !== undefined;
  return target && (target.field.fieldKind === "map") === isEntry ? target : undefined;
}

/**
 * The fields that a query parameter must not name, because another part of the request fills them:
 * with `body: "*"` all, otherwise those of the path and of the body with the others of their oneofs.
 */
export function reservedFields({
  method,
  body,
  pathParameters,
}: Binding): (readonly DescField[])[] {
  if (body.kind === "all") return method.input.fields.map((field) => [field]);
  const filled = pathParameters.map(({ fieldPath }) => fieldPath.fields);
  if (body.kind === "field") filled.push(body.fields);
  return filled.flatMap((fields) => {
    const others = fields.at(-1)?.oneof?.fields ?? [];
    return [fields, ...others.map((field) => [...fields.slice(0, -1), field])];
  });
}

/** Splits a query or a form into decoded pairs. Throws RestError for a wrong escape, and for too many pairs. */
export function parseQuery(text: string, plusIsSpace: boolean): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  const decode = (part: string) => decodePercent(plusIsSpace ? part.replaceAll("+", " ") : part);
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf("&", start);
    const end = next < 0 ? text.length : next;
    const pair = text.slice(start, end);
    start = end + 1;
    if (pair === "") continue;
    if (pairs.length === maxParameters) throw tooManyParameters();
    const equals = pair.indexOf("=");
    if (equals < 0) pairs.push([decode(pair), ""]);
    else pairs.push([decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]);
  }
  return pairs;
}

function tooManyParameters(): RestError {
  return new RestError("TOO_MANY_PARAMETERS", `there are more than ${maxParameters} parameters`);
}

function decodePercent(text: string): string {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    throw new RestError("MALFORMED_QUERY", `"${text}" is not valid percent-encoded UTF-8`);
  }
}
