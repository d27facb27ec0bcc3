import type { DescField, DescMessage, DescMethod, JsonObject } from "@bufbuild/protobuf";
import type { Binding } from "../binding/bindings.ts";
import { isStructured, pathOf } from "../binding/fields.ts";
import { takesMany, tellsMany } from "../binding/method-kind.ts";
import { reservedFields } from "../binding/query-parameters.ts";
import { takesRaw } from "../binding/request-body.ts";
import { givesRaw } from "../binding/response-body.ts";
import { resumptionOf } from "../binding/resumption.ts";
import { textReader } from "../binding/text-value.ts";
import { maskFieldOf } from "../binding/update-mask.ts";
import type { Comments } from "./comments.ts";
import {
  fieldSchema,
  isRequired,
  messageSchema,
  nameOf,
  objectSchema,
  type Schemas,
} from "./json-schema.ts";
import type { JsonSchema } from "./schema-tables.ts";
import { repliesContent, requestsContent } from "./stream-content.ts";

/** What one operation needs beside its binding. */
export type OperationContext = {
  schemas: Schemas;
  comments: Comments;
  security: (method: DescMethod) => JsonObject[] | undefined;
};

/** The Operation object of a binding; the parameters of its path are given. */
export function operationOf(
  binding: Binding,
  operationId: string,
  pathParameters: JsonObject[],
  { schemas, comments, security }: OperationContext,
): JsonObject {
  const { method } = binding;
  const description = comments(method);
  const summary = description && firstSentence(description);
  const parameters = [
    ...pathParameters,
    ...queryParameters(binding, schemas),
    ...(resumptionOf(method) ? [lastEventId] : []),
  ];
  const requestBody = requestBodyOf(binding, schemas);
  const requirements = security(method);
  return {
    operationId,
    tags: [method.parent.name],
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...(method.deprecated ? { deprecated: true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      "200": { description: "Success.", content: contentOf(binding, schemas) },
      default: { $ref: "#/components/responses/Error" },
    },
    ...(requirements ? { security: requirements } : {}),
  };
}

const lastEventId: JsonObject = {
  name: "Last-Event-ID",
  in: "header",
  description: "The id of the last event that was seen: the stream goes on after it.",
  schema: { type: "string" },
};

function firstSentence(text: string): string {
  const [paragraph = ""] = text.replace(/(?<!\n)\n(?!\n)/g, " ").split("\n\n");
  return (/^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph).replace(/\.$/, "");
}

function queryParameters({ method, ...binding }: Binding, schemas: Schemas): JsonObject[] {
  const reserved = reservedFields({ method, ...binding });
  const isReserved = (fields: DescField[]) =>
    reserved.some((path) => path.every((field, i) => field === fields[i]));
  return leaves(method.input, []).flatMap((fields) =>
    isReserved(fields) ? [] : queryParameter(fields, schemas),
  );
}

/** The fields that a query can name: below a message that is its own ancestor nothing is listed. */
function leaves(message: DescMessage, above: DescField[]): DescField[][] {
  return message.fields.flatMap((field) => {
    const fields = [...above, field];
    if (!isStructured(field)) return textReader(field) ? [fields] : [];
    const ancestors = [message, ...above.map(({ parent }) => parent)];
    return ancestors.includes(field.message) ? [] : leaves(field.message, fields);
  });
}

function queryParameter(fields: DescField[], schemas: Schemas): JsonObject[] {
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
      name: fields.map((one) => nameOf(schemas, one)).join("."),
      in: "query",
      ...(description === undefined ? {} : { description }),
      ...(fields.every((one) => isRequired(schemas, one)) ? { required: true } : {}),
      ...(deprecated ? { deprecated } : {}),
      ...formOf(field, schema),
    },
  ];
}

/** An entry of a map is written `labels[key]=v`, and a value of any shape as JSON. */
function formOf(field: DescField, schema: JsonSchema): JsonObject {
  if (field.fieldKind === "map") return { style: "deepObject", explode: true, schema };
  if (isJsonText(field.message)) return { content: { "application/json": { schema } } };
  return { schema };
}

function isJsonText(message: DescMessage | undefined): boolean {
  return /^google\.protobuf\.(Struct|Value|ListValue)$/.test(message?.typeName ?? "");
}

function requestBodyOf(binding: Binding, schemas: Schemas): JsonObject | undefined {
  const { body, method } = binding;
  if (body.kind === "none") return undefined;
  if (takesRaw(binding)) return { content: { "*/*": {} }, required: true };
  const schema =
    body.kind === "all" ? restOfInput(binding, schemas) : bodyField(binding, body.field, schemas);
  const content = takesMany(method) ? requestsContent(schema) : { "application/json": { schema } };
  return { content, required: true };
}

/** The request without the fields that the path fills. */
function restOfInput({ method, pathParameters }: Binding, schemas: Schemas): JsonSchema {
  const fromPath = new Set(pathParameters.map(({ target }) => pathOf(target.fields)));
  const isLeft = (field: DescField) => !fromPath.has(field.name);
  if (method.input.fields.every(isLeft)) return messageSchema(schemas, method.input);
  return objectSchema(schemas, method.input, isLeft);
}

/** What a PATCH changes is up to its sender, so that nothing of it is required. */
function bodyField(binding: Binding, field: DescField, schemas: Schemas): JsonSchema {
  const message = isStructured(field) ? field.message : undefined;
  if (
    !message ||
    !maskFieldOf(binding) ||
    !message.fields.some((one) => isRequired(schemas, one))
  ) {
    return fieldSchema(schemas, field);
  }
  const { required: _, ...schema } = objectSchema(schemas, message, () => true);
  return schema;
}

function contentOf(binding: Binding, schemas: Schemas): JsonObject {
  if (givesRaw(binding)) return { "*/*": {} };
  const { method, responseField } = binding;
  const schema = responseField
    ? fieldSchema(schemas, responseField)
    : messageSchema(schemas, method.output);
  return tellsMany(method) ? repliesContent(schema, method) : { "application/json": { schema } };
}
