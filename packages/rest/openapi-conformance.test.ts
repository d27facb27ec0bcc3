import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { Ajv2020 } from "ajv/dist/2020.js";
import { bindingsOf } from "./binding/bindings.ts";
import { openApi } from "./openapi.ts";
import { findService, type RecordedCall, registry, transcoderFixture } from "./testing/contract.ts";
import { noteFixture, yieldNotes } from "./testing/note-service.ts";

const names = ["LibraryService", "ValueService"];
const document = openApi(names.map(findService), { title: "t", version: "1" });
const components = document.components as { schemas: Record<string, JsonObject> };
const ajv = new Ajv2020({ strict: false, validateFormats: false });

type Operation = {
  operationId: string;
  parameters?: JsonObject[];
  requestBody?: { content: Record<string, { schema?: JsonObject }> };
  responses: { "200": { content: Record<string, { schema?: JsonObject }> } };
};

/** The operations of the document, each with the method and path it stands at. */
const operations = Object.entries(document.paths as Record<string, JsonObject>).flatMap(
  ([path, item]) =>
    Object.entries(item).flatMap(([key, value]) => {
      const other =
        key === "x-operations" ? Object.entries(value as JsonObject) : [[key, value] as const];
      return other.map(([name, operation]) => ({
        method: methodOf(name),
        path,
        operation: operation as unknown as Operation,
      }));
    }),
);

function methodOf(key: string): string {
  const [method = ""] = key.split(" ");
  return method === "*" ? "BREW" : method.toUpperCase();
}

/** Values that a schema allows; undefined where it would go on for ever. */
function sample(schema: JsonObject, depth = 0): JsonValue | undefined {
  if (typeof schema.$ref === "string") {
    const named = components.schemas[schema.$ref.split("/").at(-1) ?? ""];
    return depth > 2 || !named ? undefined : sample(named, depth + 1);
  }
  const given = ((schema.examples ?? schema.enum ?? []) as JsonValue[]).at(-1);
  if (given !== undefined) return given;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "object":
      return sampleObject(schema, depth);
    case "array": {
      const item = sample(schema.items as JsonObject, depth);
      return item === undefined ? [] : [item];
    }
    case "string":
      return schema.pattern === undefined ? (schema.format === "byte" ? "AQI=" : "x") : "5";
    case "integer":
      return 7;
    case "number":
      return 1.5;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return "anything";
  }
}

function sampleObject(schema: JsonObject, depth: number): JsonObject {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const values = Object.entries(properties as Record<string, JsonObject>).flatMap(([name, one]) => {
    const value = sample(one, depth);
    return value === undefined ? [] : [[name, value] as const];
  });
  const object: JsonObject = Object.fromEntries(values);
  for (const { oneOf } of (schema.allOf ?? []) as { oneOf: { required?: string[] }[] }[]) {
    for (const { required } of oneOf.slice(1)) delete object[required?.[0] ?? ""];
  }
  if (typeof additionalProperties === "object" && additionalProperties !== null) {
    const key = propertyNames ? "5" : "key";
    const value = sample(additionalProperties as JsonObject, depth);
    if (value !== undefined) object[key] = value;
  }
  return object;
}

function urlOf(path: string, operation: Operation): string {
  return path.replace(/\{([^}]*)\}/g, (_, name) => {
    const { schema } = operation.parameters?.find((one) => one.name === name) ?? {};
    return encodeURIComponent(String(sample(schema as JsonObject)));
  });
}

function queryOf(parameter: JsonObject): string {
  const { content, schema, name } = parameter as {
    content?: JsonObject;
    schema: JsonObject;
    name: string;
  };
  if (content) {
    const json = (content["application/json"] as JsonObject).schema as JsonObject;
    return `${name}=${encodeURIComponent(JSON.stringify(sample(json)))}`;
  }
  const value = sample(schema);
  if (Array.isArray(value))
    return value.map((one) => `${name}=${encodeURIComponent(String(one))}`).join("&");
  if (typeof value !== "object" || value === null)
    return `${name}=${encodeURIComponent(String(value))}`;
  return Object.entries(value)
    .map(([key, one]) => `${name}[${key}]=${encodeURIComponent(String(one))}`)
    .join("&");
}

/** Answers every method with a message in which all that the document promises is set. */
const full = transcoderFixture(names, {}, ({ method }: RecordedCall) => {
  const schema = components.schemas[method.output.typeName];
  return schema ? { message: fullMessage(method.output, schema) } : {};
});

function fullMessage(desc: DescMessage, schema: JsonObject): Message {
  return fromJson(desc, sampleObject(schema, 0), { registry });
}

async function call(method: string, url: string, operation: Operation) {
  const json = operation.requestBody?.content["application/json"]?.schema;
  const body = json ? { body: JSON.stringify(sample(json)) } : {};
  const reply = await full.send(method, url, body);
  assert.equal(reply.status, 200, `${method} ${url} ${JSON.stringify(reply.json)}`);
  const { name, parent } = full.lastCall().method;
  assert.equal(operation.operationId.replace(/_\d+$/, ""), `${parent.name}_${name}`);
  return reply;
}

describe("openApi, against the running transcoder", () => {
  for (const { method, path, operation } of operations) {
    it(`42: ${method} ${path} is served as documented`, async () => {
      const url = urlOf(path, operation);
      const { body, json } = await call(method, url, operation);
      const schema = operation.responses["200"].content["application/json"]?.schema;
      if (!schema || method === "HEAD") return;
      assert.notEqual(body, "");
      const check = ajv.compile({ ...schema, components });
      assert.ok(check(json), ajv.errorsText(check.errors));
    });
  }

  const withQuery = operations.flatMap(({ method, path, operation }) =>
    (operation.parameters ?? [])
      .filter((one) => one.in === "query")
      .map((parameter) => ({ method, path, operation, parameter })),
  );

  it("42: every documented query parameter is taken", async () => {
    assert.ok(withQuery.length > 50);
    for (const { method, path, operation, parameter } of withQuery) {
      await call(method, `${urlOf(path, operation)}?${queryOf(parameter)}`, operation);
    }
  });

  it("42: every binding of every method is documented", () => {
    const methods = names.flatMap((name) => findService(name).methods);
    for (const method of methods) {
      const documented = operations.filter(
        ({ operation }) =>
          operation.operationId.replace(/_\d+$/, "") === `${method.parent.name}_${method.name}`,
      );
      assert.equal(documented.length, bindingsOf(method).length, method.name);
    }
  });

  it("42: an error is a Status as documented", async () => {
    const check = ajv.compile({ $ref: "#/components/schemas/google.rpc.Status", components });
    for (const url of ["/v1/nowhere", "/v1/books/1?x=1", "/v1/int64/x"]) {
      const { json } = await full.send("GET", url);
      assert.ok(check(json), ajv.errorsText(check.errors));
    }
  });
});

describe("openApi, against running streams", () => {
  const gone = new ConnectError("the board is gone", Code.NotFound);
  const { send } = noteFixture({
    watch: ({ board }) => yieldNotes(["a", "b"], board === "9" ? gone : undefined),
  });
  const streams = openApi([findService("NoteService")], { title: "t", version: "1" });
  const paths = streams.paths as Record<string, Record<string, unknown>>;
  const operation = paths["/v1/boards/{board}/notes:watch"]?.get as Operation;

  async function said(board: number, accept: string) {
    const { schema } = operation.responses["200"].content[accept] ?? {};
    const check = ajv.compile({ ...schema, components: streams.components as JsonObject });
    const { body } = await send("GET", `/v1/boards/${board}/notes:watch`, { headers: { accept } });
    return { check, body: String(body) };
  }

  it("42: every line is as documented", async () => {
    const { check, body } = await said(9, "application/x-ndjson");
    const lines = body.trim().split("\n");
    assert.equal(lines.length, 3);
    for (const line of lines) assert.ok(check(JSON.parse(line)), ajv.errorsText(check.errors));
    assert.equal(check({ text: "a" }), false);
  });

  it("42: every event is as documented", async () => {
    for (const board of [1, 9]) {
      const { check, body } = await said(board, "text/event-stream");
      const events = body.trim().split("\n\n");
      assert.equal(events.length, 3);
      for (const event of events) {
        const fields = event.split("\n").map((line) => line.split(/: (.*)/).slice(0, 2));
        assert.ok(check({ event: "message", ...Object.fromEntries(fields) }), event);
      }
      assert.equal(check({ event: "result", data: "{}" }), false);
    }
  });
});
