import {
  invalidValues,
  type OpenApiDocument,
  type OpenApiOperation,
  requiredProperties,
  writableProperties,
} from "./openapi-document.ts";

/** The values of an operation's parameters, and its body. */
export type RequestSample = { values: Record<string, unknown>; body: unknown };

/** Requests that each violate one rule of the document. */
export function invalidRequests(
  { parameters, body }: OpenApiOperation,
  known: Record<string, unknown>,
  document: OpenApiDocument,
): [string, RequestSample][] {
  const good = Object.fromEntries(
    parameters.filter(({ required }) => required).map(({ name }) => [name, known[name] ?? "x"]),
  );
  const content = body && {};
  const inParameters = parameters.flatMap(({ name, schema }) => {
    const one = schema.type === "array" ? (schema.items ?? {}) : schema;
    const bad = invalidValues(one, document).filter(
      ([, value]) => typeof value !== "number" || one.type === "integer",
    );
    return bad.map(([why, value]): [string, RequestSample] => [
      `${name} ${why}`,
      { values: { ...good, [name]: value }, body: content },
    ]);
  });
  if (!body) return inParameters;
  const inBody = writableProperties(body, document).flatMap(([name, schema]) =>
    invalidValues(schema, document).map(([why, value]): [string, RequestSample] => [
      `${name} ${why}`,
      { values: good, body: { [name]: value } },
    ]),
  );
  const missing = requiredProperties(body, document).map((name): [string, RequestSample] => [
    `${name} missing`,
    { values: good, body: {} },
  ]);
  const unknown: [string, RequestSample] = [
    "unknown property",
    { values: good, body: { colour: "red" } },
  ];
  return [...inParameters, ...inBody, ...missing, unknown];
}
