import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { resumptionOf } from "../binding/resumption.ts";
import type { JsonSchema } from "./schema-tables.ts";

const statusSchemaRef: JsonSchema = { $ref: "#/components/schemas/google.rpc.Status" };

/** The content of a body of many messages, of which each has the schema. */
export function requestStreamContent(schema: JsonSchema): JsonObject {
  return {
    "application/x-ndjson": {
      schema: { ...schema, description: "One line of the body, which has one message per line." },
    },
    "application/json": { schema: { type: "array", items: schema } },
  };
}

/**
 * The content of a stream of messages, of which each has the schema. OpenAPI 3.1 has no word for a body
 * of many records, as 3.2 has with itemSchema: the schema is that of one.
 */
export function responseStreamContent(schema: JsonSchema, method: DescMethod): JsonObject {
  return {
    "application/x-ndjson": { schema: lineSchema(schema) },
    "text/event-stream": { schema: eventSchema(schema, resumptionOf(method) !== undefined) },
  };
}

function lineSchema(result: JsonSchema): JsonSchema {
  return {
    type: "object",
    description: "One line of the stream. An error is the last line. Ignore blank lines.",
    properties: { result, error: statusSchemaRef },
    oneOf: [{ required: ["result"] }, { required: ["error"] }],
  };
}

function eventSchema(message: JsonSchema, hasIds: boolean): JsonSchema {
  const variant = (name: string, contentSchema: JsonSchema): JsonSchema => ({
    properties: {
      event: { const: name },
      data: { contentMediaType: "application/json", contentSchema },
    },
  });
  return {
    type: "object",
    description: "One event of the stream. An `error` or `end` event is the last one.",
    properties: {
      event: { type: "string", default: "message" },
      data: { type: "string" },
      ...(hasIds ? { id: { type: "string" } } : {}),
      retry: { type: "integer", description: "The delay before reconnecting, in milliseconds." },
    },
    required: ["data"],
    oneOf: [
      variant("message", message),
      { ...variant("error", statusSchemaRef), required: ["event"] },
      { ...variant("end", { type: "object" }), required: ["event"] },
    ],
  };
}
