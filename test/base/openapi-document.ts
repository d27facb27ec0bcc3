import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";

/** The part of JSON Schema that these documents use. */
export type OpenApiSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly OpenApiSchema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly allOf?: readonly OpenApiSchema[];
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly readOnly?: boolean;
};

type OpenApiParameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: OpenApiSchema;
};
type ContentByType = {
  readonly content?: Readonly<Record<string, { readonly schema: OpenApiSchema }>>;
};

/** The part of an OpenAPI document that is read here. */
export type OpenApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PathOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, OpenApiSchema>>;
    readonly responses: Readonly<Record<string, ContentByType>>;
  };
};

type PathOperation = {
  readonly operationId: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: ContentByType;
  readonly responses: Readonly<Record<string, ContentByType & { readonly $ref?: string }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
};

/** An operation, with all that a call of it needs. */
export type OpenApiOperation = {
  readonly name: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly body: OpenApiSchema | undefined;
  /** Whether the response is a stream: lines, each with a message. */
  readonly isStream: boolean;
  /** Whether anybody, any member, or only an admin may call it. */
  readonly access: "anybody" | "member" | "admin";
};

export function listOperations({ paths }: OpenApiDocument): OpenApiOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(
      ([method, { operationId, parameters = [], requestBody, responses, security }]) => ({
        name: operationId,
        httpMethod: method.toUpperCase(),
        path,
        parameters,
        body: requestBody?.content?.["application/json"]?.schema,
        isStream: responses["200"]?.content?.["application/x-ndjson"] !== undefined,
        access: accessOf(security),
      }),
    ),
  );
}

function accessOf(security: PathOperation["security"]): OpenApiOperation["access"] {
  if (security.some((one) => Object.keys(one).length === 0)) return "anybody";
  return security.some((one) => Object.values(one).flat().includes("admin")) ? "admin" : "member";
}

/** Returns what is wrong with a response, or with one line of a stream; undefined when nothing is. */
export type ResponseValidator = (
  operation: OpenApiOperation,
  status: number,
  body: unknown,
) => string | undefined;

/**
 * Creates a validator of responses against a document: a response must have the schema that is documented for
 * its status, and no property that is not documented.
 */
export function createResponseValidator(document: OpenApiDocument): ResponseValidator {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: ajvFormats });
  ajv.addSchema(closeObjectSchemas(document) as object, "api");
  const compiled = new Map<string, ValidateFunction>();
  const validator = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };
  return ({ path, httpMethod, isStream }, status, body) => {
    const { responses = {} } = document.paths[path]?.[httpMethod.toLowerCase()] ?? {};
    const key = String(status) in responses ? String(status) : "default";
    const response = responses[key];
    if (!response) return `status ${status} is not documented`;
    const place =
      response.$ref?.slice(1) ??
      `/paths/${escapePointer(path)}/${httpMethod.toLowerCase()}/responses/${key}`;
    const type = isStream && status === 200 ? "x-ndjson" : "json";
    const validate = validator(`${place}/content/application~1${type}/schema`);
    return validate(body) ? undefined : ajv.errorsText(validate.errors);
  };
}

/** Formats as RFC 3339, RFC 9562 and OpenAPI define them, as far as answers use them. */
const ajvFormats = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^@\s]+@[^@\s]+$/,
  int32: { type: "number", validate: Number.isInteger },
  int64: /^-?\d+$/,
  password: true,
} as const;

/** The document with all objects closed, save the details of errors, which come in any type. */
function closeObjectSchemas(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeObjectSchemas);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, closeObjectSchemas(one)]),
  );
  const isObject = "properties" in value && !("additionalProperties" in value);
  return isObject ? { ...copy, additionalProperties: false } : copy;
}

function escapePointer(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** The schema without references, and of its alternatives (a number for a name, null) only the usual one. */
function usualSchema(schema: OpenApiSchema, document: OpenApiDocument): OpenApiSchema {
  const { $ref, anyOf, ...others } = schema;
  if ($ref) return usualSchema(resolveRef($ref, document), document);
  if (anyOf?.[0]) return { ...usualSchema(anyOf[0], document), ...others };
  const { type } = others;
  return Array.isArray(type) ? { ...others, type: type[0] } : schema;
}

/** Random values that the schema allows. Of objects, the optional properties come and go. */
export function validValues(
  anySchema: OpenApiSchema,
  document: OpenApiDocument,
): fc.Arbitrary<unknown> {
  const schema = usualSchema(anySchema, document);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 - 1 });
    case "array":
      return fc.array(validValues(schema.items ?? {}, document), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case "object":
      return objectValues(schema, document);
    default:
      return stringValues(schema);
  }
}

function objectValues(
  { properties = {}, required = [] }: OpenApiSchema,
  document: OpenApiDocument,
) {
  const writable = Object.entries(properties).filter(([, one]) => !one.readOnly);
  const fields = writable.map(([name, one]) => [name, validValues(one, document)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}

function stringValues(schema: OpenApiSchema): fc.Arbitrary<string> {
  const { format, minLength = 0, maxLength = 60 } = schema;
  const patterns = patternsOf(schema);
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === "int64" || format === "uint64")
    return matchingPatterns(patterns).filter((text) => /^-?\d{1,18}$/.test(text));
  if (format === "email") return fc.uuid().map((id) => `${id}@example.org`);
  const any =
    patterns.length > 0
      ? matchingPatterns(patterns)
      : fc.string({ minLength, maxLength: Math.min(maxLength, 60) });
  // PostgreSQL stores no NUL, which JSON Schema cannot express here.
  return any.filter(
    (text) => text.length <= maxLength && text.length >= minLength && !text.includes("\0"),
  );
}

const patternsOf = ({ pattern, allOf = [] }: OpenApiSchema): RegExp[] =>
  [pattern, ...allOf.map((one) => one.pattern)]
    .filter((one) => one !== undefined)
    .map((one) => new RegExp(one, "u"));

/** For patterns that only exclude characters, fast-check would draw ASCII only. */
function matchingPatterns(patterns: readonly RegExp[]): fc.Arbitrary<string> {
  const [first] = patterns;
  if (first && patterns.length === 1 && !/^\^?\[\^/.test(first.source)) {
    return fc.stringMatching(first).filter((text) => first.test(text));
  }
  return fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => patterns.every((pattern) => pattern.test(text)));
}

function resolveRef(reference: string, { components }: OpenApiDocument): OpenApiSchema {
  const name = reference.replace("#/components/schemas/", "");
  const schema = components.schemas[name];
  if (!schema) throw new Error(`${reference} does not exist`);
  return schema;
}

/** Values that the schema forbids, each in one way, with that way's name. */
export function invalidValues(
  anySchema: OpenApiSchema,
  document: OpenApiDocument,
): [string, unknown][] {
  const schema = usualSchema(anySchema, document);
  const found: [string, unknown][] = [];
  // The one string format that JSON may carry as a number.
  if (schema.format === "int64") found.push(["text for a number", "many"]);
  else if (schema.type === "string" && !schema.enum) found.push(["a number for text", 7]);
  if (schema.type === "integer") found.push(["text for a number", "many"]);
  if (schema.maximum !== undefined) found.push(["too large", schema.maximum + 1]);
  if (schema.minimum !== undefined) found.push(["too small", schema.minimum - 1]);
  if (schema.maxLength !== undefined) found.push(["too long", "x".repeat(schema.maxLength + 1)]);
  if (schema.minLength) found.push(["too short", ""]);
  if (patternsOf(schema).some((pattern) => !pattern.test("\n"))) found.push(["out of form", "\n"]);
  if (schema.format === "uuid") found.push(["no id", "not-an-id"]);
  if (schema.enum) found.push(["none of the names", "NO_SUCH_NAME"]);
  return found;
}

/** The properties of a body that a client may write. */
export function writableProperties(
  schema: OpenApiSchema,
  document: OpenApiDocument,
): [string, OpenApiSchema][] {
  const { properties = {} } = usualSchema(schema, document);
  return Object.entries(properties).filter(([, one]) => !one.readOnly);
}

/** The properties that a body must have. */
export function requiredProperties(
  schema: OpenApiSchema,
  document: OpenApiDocument,
): readonly string[] {
  return usualSchema(schema, document).required ?? [];
}
