import type { DescMethod, DescService, JsonObject } from "@bufbuild/protobuf";
import { type Binding, type BindingOptions, bindingsOf } from "./binding/bindings.ts";
import { nameSchemas } from "./openapi/name-schemas.ts";
import { createOperation, type OperationContext } from "./openapi/operation.ts";
import { createPathWriter } from "./openapi/path-writer.ts";
import { createSchemaRegistries, type SchemaOptions } from "./openapi/schema-registry.ts";
import type { JsonSchema } from "./openapi/schema-tables.ts";

export { commentsFrom, type FindComment } from "./openapi/comments.ts";
export type { FieldConstraints } from "./openapi/schema-registry.ts";
export type { JsonSchema } from "./openapi/schema-tables.ts";

export type OpenApiOptions = SchemaOptions &
  BindingOptions & {
    title: string;
    /** The version of the API, not of OpenAPI. */
    version: string;
    description?: string;
    servers?: { url: string; description?: string }[];
    securitySchemes?: Record<string, JsonObject>;
    /** The security requirements of a method: an empty list says that it needs none. */
    security?: (method: DescMethod) => JsonObject[] | undefined;
    /** Which methods are documented; all by default. */
    include?: (method: DescMethod) => boolean;
  };

const detailSchema: JsonSchema = {
  type: "object",
  properties: { "@type": { type: "string" } },
  required: ["@type"],
  additionalProperties: true,
};

const statusSchema: JsonSchema = {
  type: "object",
  description: "The body of every error (google.rpc.Status).",
  properties: {
    code: { type: "integer", format: "int32", description: "The status code (google.rpc.Code)." },
    message: { type: "string", description: "The error message, for people." },
    details: {
      type: "array",
      items: detailSchema,
      description:
        "Details of the error, for programs: google.rpc.ErrorInfo, BadRequest, RetryInfo.",
    },
  },
  required: ["code", "message"],
};

const errorResponse: JsonObject = {
  description: "The call failed.",
  content: {
    "application/json": { schema: { $ref: "#/components/schemas/google.rpc.Status" } },
  },
};

/** The methods that a Path Item has a name for; others go under `x-operations`. */
const pathItemMethods = new Set([
  "GET",
  "PUT",
  "POST",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "PATCH",
  "TRACE",
]);

/**
 * The OpenAPI 3.1 document of the services: an operation for every binding of every method. The
 * same input gives the same document, byte for byte once it is printed. Throws as createTranscoder
 * does when a rule is wrong.
 */
export function openApi(services: readonly DescService[], options: OpenApiOptions): JsonObject {
  const { title, version, description, servers, comments = () => undefined } = options;
  const { securitySchemes, security = () => undefined } = options;
  const registries = createSchemaRegistries(options);
  const bindings = documentedBindings(services, options);
  const documented = [...new Set(bindings.map(({ method }) => method.parent))];
  const tagOf = tagNames(documented);
  const tags = documented.map((service) => {
    const text = comments(service);
    return { name: tagOf(service), ...(text === undefined ? {} : { description: text }) };
  });
  const { paths, schemas } = nameSchemas(
    registries.output.named,
    createPaths(bindings, { schemas: registries, comments, security, tagOf }),
  );
  return {
    openapi: "3.1.0",
    info: { title, version, ...(description === undefined ? {} : { description }) },
    ...(servers ? { servers: servers.map((server) => ({ ...server })) } : {}),
    tags,
    paths,
    components: {
      schemas: sortSchemas({
        ...Object.fromEntries(schemas),
        "google.rpc.Status": statusSchema,
      }),
      responses: { Error: errorResponse },
      ...(securitySchemes ? { securitySchemes } : {}),
    },
  };
}

function documentedBindings(services: readonly DescService[], options: OpenApiOptions): Binding[] {
  const { include = () => true } = options;
  return services
    .flatMap((service) => service.methods)
    .filter((method) => include(method))
    .flatMap((method) => bindingsOf(method, options));
}

function createPaths(bindings: Binding[], context: OperationContext): JsonObject {
  const paths: Record<string, JsonObject> = {};
  const pathOf = createPathWriter(context.schemas.parameter);
  const operationIds = new Set<string>();
  for (const binding of bindings) {
    const { path, parameters } = pathOf(binding);
    const id = uniqueId(operationIds, binding.method);
    const item = paths[path] ?? {};
    paths[path] = item;
    addOperation(item, binding, createOperation(binding, id, parameters, context));
  }
  return paths;
}

/** A path cannot hold a method of its own invention, nor both `{x=*}` and `{x=**}` with one method. */
function addOperation(item: JsonObject, binding: Binding, operation: JsonObject): void {
  const { httpMethod, template } = binding;
  const key = httpMethod.toLowerCase();
  if (pathItemMethods.has(httpMethod) && !(key in item)) {
    item[key] = operation;
    return;
  }
  const others = (item["x-operations"] as JsonObject | undefined) ?? {};
  others[`${httpMethod} ${template.source}`] = operation;
  item["x-operations"] = others;
}

/** A tag has the name of its service, with that of the package where two services share one. */
function tagNames(services: readonly DescService[]): (service: DescService) => string {
  return ({ name, typeName }) =>
    services.filter((other) => other.name === name).length > 1 ? typeName : name;
}

function uniqueId(taken: Set<string>, method: DescMethod): string {
  const name = `${method.parent.name}_${method.name}`;
  let id = name;
  for (let i = 2; taken.has(id); i++) id = `${name}_${i}`;
  taken.add(id);
  return id;
}

function sortSchemas(schemas: Record<string, JsonSchema>): JsonObject {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
