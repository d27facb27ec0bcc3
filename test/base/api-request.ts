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
export type RestCall = {
  readonly httpMethod: string;
  /** With its query. */
  readonly path: string;
  readonly body?: JsonValue;
};

/** The REST route of a method, as its contract states it: undefined for a method without one. */
export function routeOf(
  method: DescMethod,
): { httpMethod: string; template: string; body: string } | undefined {
  if (!hasOption(method, http)) return undefined;
  const { pattern, body } = getOption(method, http);
  if (typeof pattern.value !== "string") return undefined;
  return { httpMethod: pattern.case.toUpperCase(), template: pattern.value, body };
}

/**
 * The REST request that carries a message, written by the rules of google/api/http.proto and without
 * help of @plaza/rest, so that one checks the other. Undefined for a method without a route.
 */
export function toRestCall(
  method: DescMethod,
  message: MessageShape<DescMethod["input"]>,
): RestCall | undefined {
  const route = routeOf(method);
  if (!route) return undefined;
  const left = toJson(method.input, message, { alwaysEmitImplicit: false }) as JsonObject;
  const path = route.template.replace(/\{([\w.]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(take(left, name.split(".").map(camel)) ?? "")),
  );
  const { httpMethod, body } = route;
  if (body === "*") return { httpMethod, path, body: left };
  const value = body === "" ? undefined : (left[camel(body)] ?? {});
  if (body !== "") delete left[camel(body)];
  const query = new URLSearchParams(parameters(left, "")).toString();
  return {
    httpMethod,
    path: query ? `${path}?${query}` : path,
    ...(value === undefined ? {} : { body: value }),
  };
}

function take(from: JsonObject, [name = "", ...rest]: string[]): JsonValue | undefined {
  const value = from[name];
  if (rest.length > 0) return value === undefined ? undefined : take(value as JsonObject, rest);
  delete from[name];
  return value;
}

function parameters(value: JsonValue, name: string): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => parameters(one, name));
  if (typeof value !== "object" || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) =>
    parameters(one, name ? `${name}.${key}` : key),
  );
}

export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
