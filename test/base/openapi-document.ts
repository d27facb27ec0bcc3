import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";

/** As much of a JSON Schema as these documents use. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly readOnly?: boolean;
};

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
};
type Content = { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };

/** An OpenAPI document, as far as it is read here. */
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Content>>;
  };
};

type Described = {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
};

/** One operation with what is needed to call it. */
export type Operation = {
  readonly name: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** Whether what it answers is many lines, each with a message. */
  readonly isStream: boolean;
  /** Whether anybody, any member, or only an admin may call it. */
  readonly access: "anybody" | "member" | "admin";
};

export function operationsOf({ paths }: Document): Operation[] {
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

function accessOf(security: Described["security"]): Operation["access"] {
  if (security.some((one) => Object.keys(one).length === 0)) return "anybody";
  return security.some((one) => Object.values(one).flat().includes("admin")) ? "admin" : "member";
}

/**
 * Checks answers against a document: the answer of an operation, or each line of it, must be what is
 * documented for its status, and hold no property that is not documented. Answers what is wrong, or undefined.
 */
export function answerChecker(
  document: Document,
): (operation: Operation, status: number, body: unknown) => string | undefined {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: documentedFormats });
  ajv.addSchema(closed(document) as object, "api");
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
const documentedFormats = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^@\s]+@[^@\s]+$/,
  int32: { type: "number", validate: Number.isInteger },
  int64: /^-?\d+$/,
  password: true,
} as const;

/** The document with all objects closed, save the details of errors, which come in any type. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  const isObject = "properties" in value && !("additionalProperties" in value);
  return isObject ? { ...copy, additionalProperties: false } : copy;
}

function escapePointer(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Random values that the schema allows. Of objects, the optional properties come and go. */
export function examples(schema: Schema, document: Document): fc.Arbitrary<unknown> {
  if (schema.$ref) return examples(resolve(schema.$ref, document), document);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 - 1 });
    case "array":
      return fc.array(examples(schema.items ?? {}, document), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case "object":
      return objects(schema, document);
    default:
      return strings(schema);
  }
}

function objects({ properties = {}, required = [] }: Schema, document: Document) {
  const writable = Object.entries(properties).filter(([, one]) => !one.readOnly);
  const fields = writable.map(([name, one]) => [name, examples(one, document)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}

function strings({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === "email") return fc.uuid().map((id) => `${id}@example.org`);
  const any = pattern
    ? matching(new RegExp(pattern, "u"))
    : fc.string({ minLength, maxLength: Math.min(maxLength, 60) });
  // JSON Schema has no words for it, but PostgreSQL stores no NUL, so that no text may hold one.
  return any.filter(
    (text) => text.length <= maxLength && text.length >= minLength && !text.includes("\0"),
  );
}

/** Of what is only told what it must not hold, fast-check guesses ASCII for ever. */
function matching(pattern: RegExp): fc.Arbitrary<string> {
  if (!pattern.source.startsWith("^[^")) return fc.stringMatching(pattern);
  return fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => pattern.test(text));
}

function resolve(reference: string, { components }: Document): Schema {
  const name = reference.replace("#/components/schemas/", "");
  const schema = components.schemas[name];
  if (!schema) throw new Error(`${reference} leads nowhere`);
  return schema;
}

/** Values that the schema forbids, each in one way, with that way's name. */
export function violations(schema: Schema, document: Document): [string, unknown][] {
  if (schema.$ref) return violations(resolve(schema.$ref, document), document);
  const found: [string, unknown][] = [];
  // The one text that may come as a number.
  if (schema.format === "int64") found.push(["text for a number", "many"]);
  else if (schema.type === "string" && !schema.enum) found.push(["a number for text", 7]);
  if (schema.type === "integer") found.push(["text for a number", "many"]);
  if (schema.maximum !== undefined) found.push(["too large", schema.maximum + 1]);
  if (schema.minimum !== undefined) found.push(["too small", schema.minimum - 1]);
  if (schema.maxLength !== undefined) found.push(["too long", "x".repeat(schema.maxLength + 1)]);
  if (schema.minLength) found.push(["too short", ""]);
  if (schema.pattern && !new RegExp(schema.pattern, "u").test("\n"))
    found.push(["out of form", "\n"]);
  if (schema.format === "uuid") found.push(["no id", "not-an-id"]);
  if (schema.enum) found.push(["none of the names", "NO_SUCH_NAME"]);
  return found;
}

/** The properties of a body that a client may write. */
export function writableOf(schema: Schema, document: Document): [string, Schema][] {
  const { properties = {} } = schema.$ref ? resolve(schema.$ref, document) : schema;
  return Object.entries(properties).filter(([, one]) => !one.readOnly);
}

/** The properties that a body must have. */
export function requiredOf(schema: Schema, document: Document): readonly string[] {
  return (schema.$ref ? resolve(schema.$ref, document) : schema).required ?? [];
}
