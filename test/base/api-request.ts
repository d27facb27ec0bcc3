import {
  type DescMethod,
  getOption,
  hasOption,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import { http } from "@plaza/contract/google/api/annotations";

/** A request of the REST API. */
export type ApiRequest = {
  readonly httpMethod: string;
  /** With its query. */
  readonly path: string;
  readonly body?: JsonValue;
};

/** A REST path of a method, by its google.api.http rule. */
export type Route = { httpMethod: string; template: string; body: string };

/** The route of a method; undefined without a rule. */
export function routeOf(method: DescMethod): Route | undefined {
  return routesOf(method)[0];
}

/** The route of a method, and those of its additional bindings. */
export function routesOf(method: DescMethod): Route[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [rule, ...rule.additionalBindings].flatMap(({ pattern, body }) =>
    typeof pattern.value === "string"
      ? { httpMethod: pattern.case.toUpperCase(), template: pattern.value, body }
      : [],
  );
}

/**
 * The REST request that carries a message, written by the rules of google/api/http.proto and without
 * help of @plaza/rest, so that one checks the other. Undefined for a method without a route.
 */
export function toApiRequest(
  method: DescMethod,
  message: MessageShape<DescMethod["input"]>,
): ApiRequest | undefined {
  const route = routeOf(method);
  if (!route) return undefined;
  const left = toJson(method.input, message, { alwaysEmitImplicit: false }) as JsonObject;
  const path = route.template.replace(/\{([\w.]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(takeField(left, name.split(".").map(toCamelCase)) ?? "")),
  );
  const { httpMethod, body } = route;
  if (body === "*") return { httpMethod, path, body: left };
  const value = body === "" ? undefined : (left[toCamelCase(body)] ?? {});
  if (body !== "") delete left[toCamelCase(body)];
  const query = new URLSearchParams(queryParameters(left, "")).toString();
  return {
    httpMethod,
    path: query ? `${path}?${query}` : path,
    ...(value === undefined ? {} : { body: value }),
  };
}

function takeField(from: JsonObject, [name = "", ...rest]: string[]): JsonValue | undefined {
  const value = from[name];
  if (rest.length > 0)
    return value === undefined ? undefined : takeField(value as JsonObject, rest);
  delete from[name];
  return value;
}

function queryParameters(value: JsonValue, name: string): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => queryParameters(one, name));
  if (typeof value !== "object" || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) =>
    queryParameters(one, name ? `${name}.${key}` : key),
  );
}

export function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
