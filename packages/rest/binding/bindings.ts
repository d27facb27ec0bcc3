import { type DescField, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "../gen/google/api/annotations_pb.ts";
import type { HttpRule } from "../gen/google/api/http_pb.ts";
import { findField, findFields, protoPathOf } from "./fields.ts";
import { type FieldPath, fieldPathOf } from "./parameters.ts";
import {
  type PathTemplate,
  PathTemplateError,
  type PathVariable,
  parsePathTemplate,
} from "./path-template.ts";

/** A variable of the path with the field it fills. */
export type PathParameter = { variable: PathVariable; fieldPath: FieldPath };

/** What the HTTP body fills: nothing, the whole request, or the field at the end of a path. */
export type BodyMapping =
  | { kind: "none" }
  | { kind: "all" }
  | { kind: "field"; fields: readonly DescField[]; field: DescField };

/** One way to reach a method over HTTP, checked against its messages. */
export type Binding = {
  method: DescMethod;
  httpMethod: string;
  template: PathTemplate;
  pathParameters: PathParameter[];
  body: BodyMapping;
  /** The response field that becomes the HTTP body; the whole response when undefined. */
  responseField: DescField | undefined;
};

export type BindingOptions = {
  /** Whether a method without google.api.http is bound to `POST /package.Service/Method`. */
  bindUnannotated?: boolean;
  /** Whether a DELETE rule may have a body, which some proxies drop (RFC 9110, section 9.3.5). */
  allowDeleteBody?: boolean;
};

/** Says what is wrong with the google.api.http rule of a method, which it names. */
export class BindingError extends Error {
  override name = "BindingError";

  constructor(method: DescMethod, problem: string) {
    super(`${method.parent.typeName}.${method.name}: ${problem}`);
  }
}

/**
 * The HTTP bindings of a method: the rule of its google.api.http option, then its additional ones,
 * all equal in power. Throws BindingError when a rule breaks the grammar or does not fit the messages.
 */
export function bindingsOf(method: DescMethod, options: BindingOptions = {}): Binding[] {
  if (!hasOption(method, http)) {
    return options.bindUnannotated ? [defaultBinding(method)] : [];
  }
  const rule = getOption(method, http);
  return [rule, ...rule.additionalBindings].map((one, i) => {
    if (i > 0 && one.additionalBindings.length > 0) {
      fail(method, "additional_bindings cannot be nested");
    }
    return toBinding(method, one, options);
  });
}

function defaultBinding(method: DescMethod): Binding {
  return {
    method,
    httpMethod: "POST",
    template: parsePathTemplate(`/${method.parent.typeName}/${method.name}`),
    pathParameters: [],
    body: { kind: "all" },
    responseField: undefined,
  };
}

function toBinding(method: DescMethod, rule: HttpRule, options: BindingOptions): Binding {
  const { httpMethod, path } = httpPatternOf(method, rule);
  const template = templateOf(method, path);
  const pathParameters = template.variables.map((variable) => toPathParameter(method, variable));
  const body = bodyOf(method, rule.body);
  if (body.kind !== "none") checkBody(method, httpMethod, pathParameters, body, options);
  return {
    method,
    httpMethod,
    template,
    pathParameters,
    body,
    responseField: responseOf(method, rule),
  };
}

function templateOf(method: DescMethod, path: string): PathTemplate {
  try {
    return parsePathTemplate(path);
  } catch (error) {
    if (error instanceof PathTemplateError) fail(method, error.message);
    throw error;
  }
}

function httpPatternOf(method: DescMethod, { pattern }: HttpRule) {
  switch (pattern.case) {
    case undefined:
      return fail(method, "the rule has neither an HTTP method nor a path");
    case "custom":
      if (pattern.value.kind === "") fail(method, "custom.kind is empty");
      return { httpMethod: pattern.value.kind.toUpperCase(), path: pattern.value.path };
    default:
      return { httpMethod: pattern.case.toUpperCase(), path: pattern.value };
  }
}

function toPathParameter(method: DescMethod, variable: PathVariable): PathParameter {
  const fields = findFields(method.input, variable.path);
  const field = fields?.at(-1);
  if (!fields || !field)
    fail(method, `{${variable.path}} is not a field of ${method.input.typeName}`);
  if (field.fieldKind === "list") fail(method, `{${variable.path}} is a repeated field`);
  if (field.fieldKind === "map") fail(method, `{${variable.path}} is a map`);
  const fieldPath = fieldPathOf(fields);
  if (!fieldPath) fail(method, `{${variable.path}} is a message without a text form`);
  return { variable, fieldPath };
}

function bodyOf(method: DescMethod, body: string): BodyMapping {
  if (body === "") return { kind: "none" };
  if (body === "*") return { kind: "all" };
  const fields = findFields(method.input, body);
  const field = fields?.at(-1);
  if (!fields || !field) fail(method, `body "${body}" is not a field of ${method.input.typeName}`);
  return { kind: "field", fields, field };
}

function checkBody(
  method: DescMethod,
  httpMethod: string,
  pathParameters: PathParameter[],
  body: BodyMapping,
  { allowDeleteBody = false }: BindingOptions,
): void {
  if (httpMethod === "GET" || httpMethod === "HEAD")
    fail(method, `${httpMethod} cannot have a body`);
  if (httpMethod === "DELETE" && !allowDeleteBody) {
    fail(method, "DELETE cannot have a body unless allowDeleteBody is set");
  }
  if (body.kind !== "field") return;
  const path = protoPathOf(body.fields);
  const same = pathParameters.some(({ fieldPath }) => protoPathOf(fieldPath.fields) === path);
  if (same) fail(method, `"${path}" is bound by both the path and the body`);
}

function responseOf(method: DescMethod, { responseBody }: HttpRule): DescField | undefined {
  if (responseBody === "") return undefined;
  const field = findField(method.output, responseBody);
  return (
    field ??
    fail(method, `response_body "${responseBody}" is not a field of ${method.output.typeName}`)
  );
}

function fail(method: DescMethod, problem: string): never {
  throw new BindingError(method, problem);
}
