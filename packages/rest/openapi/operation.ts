import type {
  DescField,
  DescMessage,
  DescMethod,
  DescService,
  JsonObject,
} from "@bufbuild/protobuf";
import type { Binding } from "../binding/bindings.ts";
import { preconditionFields, responseEtagField } from "../binding/etag.ts";
import { isStructured } from "../binding/fields.ts";
import { reservedFields } from "../binding/query-parameters.ts";
import { resumptionOf } from "../binding/resumption.ts";
import { textParserOf } from "../binding/text-value.ts";
import { requestBodyOf, responseContent } from "./body-content.ts";
import type { FindComment } from "./comments.ts";
import { fieldSchema } from "./json-schema.ts";
import {
  isRequired,
  jsonFieldName,
  type SchemaRegistries,
  type SchemaRegistry,
} from "./schema-registry.ts";
import type { JsonSchema } from "./schema-tables.ts";

/** What one operation needs beside its binding. */
export type OperationContext = {
  schemas: SchemaRegistries;
  comments: FindComment;
  security: (method: DescMethod) => JsonObject[] | undefined;
  tagOf: (service: DescService) => string;
};

/** The Operation object of a binding; the parameters of its path are given. */
export function createOperation(
  binding: Binding,
  operationId: string,
  pathParameters: JsonObject[],
  { schemas, comments, security, tagOf }: OperationContext,
): JsonObject {
  const { method } = binding;
  const description = comments(method);
  const summary = description && firstSentence(description);
  const isConditional = preconditionFields(binding) !== undefined;
  const parameters = [
    ...pathParameters,
    ...queryParameters(binding, schemas.parameter),
    ...(resumptionOf(method) ? [lastEventIdParameter] : []),
    ...(isConditional ? [ifMatchParameter] : []),
  ];
  const requestBody = requestBodyOf(binding, schemas.input);
  const requirements = security(method);
  return {
    operationId,
    tags: [tagOf(method.parent)],
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...(method.deprecated ? { deprecated: true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      "200": {
        description: "Success.",
        ...(responseEtagField(binding) ? { headers: { ETag: etagHeader } } : {}),
        content: responseContent(binding, schemas.output),
      },
      ...(isConditional ? { "412": preconditionFailed } : {}),
      default: { $ref: "#/components/responses/Error" },
    },
    ...(requirements ? { security: requirements } : {}),
  };
}

const lastEventIdParameter: JsonObject = {
  name: "Last-Event-ID",
  in: "header",
  description: "The id of the last event received. The stream continues after it.",
  schema: { type: "string" },
};

const ifMatchParameter: JsonObject = {
  name: "If-Match",
  in: "header",
  description: "The ETag that the resource must have. If it has another, the response is 412.",
  schema: { type: "string" },
};

const etagHeader: JsonObject = {
  description: "The version of the resource, for If-Match in a request that changes it.",
  schema: { type: "string" },
};

const preconditionFailed: JsonObject = {
  description: "The resource has changed: its ETag does not match If-Match.",
  content: {
    "application/json": { schema: { $ref: "#/components/schemas/google.rpc.Status" } },
  },
};

function firstSentence(text: string): string {
  const [paragraph = ""] = text.replace(/(?<!\n)\n(?!\n)/g, " ").split("\n\n");
  return (/^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph).replace(/\.$/, "");
}

function queryParameters({ method, ...binding }: Binding, schemas: SchemaRegistry): JsonObject[] {
  const reserved = reservedFields({ method, ...binding });
  const isReserved = (fields: DescField[]) =>
    reserved.some((path) => path.every((field, i) => field === fields[i]));
  return queryFields(method.input, []).flatMap((fields) =>
    isReserved(fields) ? [] : queryParameter(fields, schemas),
  );
}

/** The fields that a query can name: below a message that is its own ancestor nothing is listed. */
function queryFields(message: DescMessage, above: DescField[]): DescField[][] {
  return message.fields.flatMap((field) => {
    const fields = [...above, field];
    if (!isStructured(field)) return textParserOf(field) ? [fields] : [];
    const ancestors = [message, ...above.map(({ parent }) => parent)];
    return ancestors.includes(field.message) ? [] : queryFields(field.message, fields);
  });
}

function queryParameter(fields: DescField[], schemas: SchemaRegistry): JsonObject[] {
  const field = fields.at(-1);
  if (!field) return [];
  const {
    description,
    deprecated,
    readOnly,
    writeOnly: _,
    ...schema
  } = fieldSchema(schemas, field);
  if (readOnly) return [];
  return [
    {
      name: fields.map((one) => jsonFieldName(schemas, one)).join("."),
      in: "query",
      ...(description === undefined ? {} : { description }),
      ...(fields.every((one) => isRequired(schemas, one)) ? { required: true } : {}),
      ...(deprecated ? { deprecated } : {}),
      ...parameterStyle(field, schema),
    },
  ];
}

/** An entry of a map is written `labels[key]=v`, and a value of any shape as JSON. */
function parameterStyle(field: DescField, schema: JsonSchema): JsonObject {
  if (field.fieldKind === "map") return { style: "deepObject", explode: true, schema };
  if (isJsonText(field.message)) return { content: { "application/json": { schema } } };
  return { schema };
}

function isJsonText(message: DescMessage | undefined): boolean {
  return /^google\.protobuf\.(Struct|Value|ListValue)$/.test(message?.typeName ?? "");
}
