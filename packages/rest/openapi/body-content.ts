import type { DescField, JsonObject } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { Binding } from "../binding/bindings.ts";
import { isStructured, protoPathOf } from "../binding/fields.ts";
import { acceptsHttpBody, returnsHttpBody } from "../binding/http-body.ts";
import { isClientStreaming, isServerStreaming } from "../binding/method-cardinality.ts";
import { updateMaskField } from "../binding/update-mask.ts";
import { fieldSchema, messageSchema, objectSchema } from "./json-schema.ts";
import { nullable } from "./schema-keywords.ts";
import { isRequired, type SchemaRegistry } from "./schema-registry.ts";
import type { JsonSchema } from "./schema-tables.ts";
import { requestStreamContent, responseStreamContent } from "./stream-content.ts";

/** The Request Body object of a binding; undefined when it has none. */
export function requestBodyOf(binding: Binding, schemas: SchemaRegistry): JsonObject | undefined {
  const { body, method } = binding;
  if (body.kind === "none") return undefined;
  if (acceptsHttpBody(binding)) return { content: { "*/*": {} } };
  const schema =
    body.kind === "all"
      ? remainingRequestSchema(binding, schemas)
      : bodyFieldSchema(binding, body.field, schemas);
  const content = isClientStreaming(method)
    ? requestStreamContent(schema)
    : { "application/json": { schema } };
  return isBodyRequired(binding, schemas) ? { content, required: true } : { content };
}

/** No body is an empty message, or an absent field. */
function isBodyRequired(binding: Binding, schemas: SchemaRegistry): boolean {
  const { body, method } = binding;
  if (body.kind === "field") return isRequired(schemas, body.field);
  return method.input.fields.some((field) => isLeft(binding, field) && isRequired(schemas, field));
}

/** Whether a field of the request is filled by something other than the path. */
function isLeft({ pathParameters }: Binding, field: DescField): boolean {
  return pathParameters.every(({ fieldPath }) => protoPathOf(fieldPath.fields) !== field.name);
}

/** The request without the fields that the path fills. */
function remainingRequestSchema(binding: Binding, schemas: SchemaRegistry): JsonSchema {
  const { input } = binding.method;
  const keep = (field: DescField) => isLeft(binding, field);
  return input.fields.every(keep)
    ? messageSchema(schemas, input)
    : objectSchema(schemas, input, keep);
}

/** What a PATCH changes is up to its sender, so that nothing of it is required. */
function bodyFieldSchema(binding: Binding, field: DescField, schemas: SchemaRegistry): JsonSchema {
  const message = isStructured(field) ? field.message : undefined;
  if (
    !message ||
    !updateMaskField(binding) ||
    !message.fields.some((one) => isRequired(schemas, one))
  ) {
    return fieldSchema(schemas, field);
  }
  const { required: _, ...schema } = objectSchema(schemas, message, () => true);
  return isRequired(schemas, field) ? schema : nullable(schema);
}

/** The content of a successful response by media type. */
export function responseContent(binding: Binding, schemas: SchemaRegistry): JsonObject {
  if (returnsHttpBody(binding)) return { "*/*": {} };
  const { method, responseField } = binding;
  const schema = responseField
    ? responseFieldSchema(schemas, responseField)
    : messageSchema(schemas, method.output);
  return isServerStreaming(method)
    ? responseStreamContent(schema, method)
    : { "application/json": { schema } };
}

/** A field that is unset, and has no default to show instead, is null. */
function responseFieldSchema(schemas: SchemaRegistry, field: DescField): JsonSchema {
  const schema = fieldSchema(schemas, field);
  const isList = field.fieldKind === "list" || field.fieldKind === "map";
  return isList || field.presence === FeatureSet_FieldPresence.IMPLICIT ? schema : nullable(schema);
}
