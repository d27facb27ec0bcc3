import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  create,
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
  requestBody?: { content: Record<string, { schema?: JsonObject }>; required?: boolean };
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

/** The alternatives of a schema that are tried: which of its types, of its `anyOf`, and of its names. */
const choices = [0, 1, 2];

/** A value that a schema allows; undefined where it would go on for ever. */
function sample(schema: JsonObject, choice: number, depth = 0): JsonValue | undefined {
  if (typeof schema.$ref === "string") {
    const named = components.schemas[schema.$ref.split("/").at(-1) ?? ""];
    return depth > 2 || !named ? undefined : sample(named, choice, depth + 1);
  }
  const given = (schema.examples ?? schema.enum) as JsonValue[] | undefined;
  if (given) return pick([...given].reverse(), choice);
  if (schema.anyOf) return sample(pick(schema.anyOf as JsonObject[], choice), choice, depth);
  switch (Array.isArray(schema.type) ? pick(schema.type, choice) : schema.type) {
    case "object":
      return sampleObject(schema, choice, depth);
    case "array": {
      const item = sample(schema.items as JsonObject, choice, depth);
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

function pick<T>(from: readonly T[], choice: number): T {
  return from[choice % from.length] as T;
}

function sampleObject(schema: JsonObject, choice: number, depth: number): JsonObject {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const values = Object.entries(properties as Record<string, JsonObject>).flatMap(([name, one]) => {
    const value = sample(one, choice, depth);
    return value === undefined ? [] : [[name, value] as const];
  });
  const object: JsonObject = Object.fromEntries(values);
  for (const { oneOf } of (schema.allOf ?? []) as { oneOf: { required?: string[] }[] }[]) {
    for (const { required } of oneOf.slice(1)) delete object[required?.[0] ?? ""];
  }
  if (typeof additionalProperties === "object" && additionalProperties !== null) {
    const key = propertyNames ? "5" : "key";
    const value = sample(additionalProperties as JsonObject, choice, depth);
    if (value !== undefined) object[key] = value;
  }
  return object;
}

function urlOf(path: string, operation: Operation, choice: number): string {
  return path.replace(/\{([^}]*)\}/g, (_, name) => {
    const { schema } = operation.parameters?.find((one) => one.name === name) ?? {};
    return encodeURIComponent(String(sample(schema as JsonObject, choice)));
  });
}

function queryOf(parameter: JsonObject, choice: number): string {
  const { content, schema, name } = parameter as {
    content?: JsonObject;
    schema: JsonObject;
    name: string;
  };
  if (content) {
    const json = (content["application/json"] as JsonObject).schema as JsonObject;
    return `${name}=${encodeURIComponent(JSON.stringify(sample(json, choice)))}`;
  }
  const value = sample(schema, choice);
  if (Array.isArray(value))
    return value.map((one) => `${name}=${encodeURIComponent(String(one))}`).join("&");
  if (typeof value !== "object" || value === null)
    return `${name}=${encodeURIComponent(String(value))}`;
  return Object.entries(value)
    .map(([key, one]) => `${name}[${key}]=${encodeURIComponent(String(one))}`)
    .join("&");
}

let outputChoice = 0;

/** Answers every method with a message in which all that the document promises is set. */
const full = transcoderFixture(names, {}, ({ method }: RecordedCall) => {
  const schema = components.schemas[method.output.typeName];
  return schema ? { message: fullMessage(method.output, schema) } : {};
});

function fullMessage(desc: DescMessage, schema: JsonObject): Message {
  return fromJson(desc, sampleObject(schema, outputChoice, 0), { registry });
}

async function call(
  method: string,
  url: string,
  operation: Operation,
  choice: number,
  fixture = full,
) {
  outputChoice = choice;
  const json = operation.requestBody?.content["application/json"]?.schema;
  const body = json ? { body: JSON.stringify(sample(json, choice)) } : {};
  const reply = await fixture.send(method, url, body);
  assert.equal(reply.status, 200, `${method} ${url} ${JSON.stringify(reply.json)}`);
  const { name, parent } = fixture.lastCall().method;
  assert.equal(operation.operationId.replace(/_\d+$/, ""), `${parent.name}_${name}`);
  return reply;
}

const checks = new Map<JsonObject, ReturnType<typeof ajv.compile>>();

function checkOf(schema: JsonObject): ReturnType<typeof ajv.compile> {
  const check = checks.get(schema) ?? ajv.compile({ ...schema, components });
  checks.set(schema, check);
  return check;
}

function assertFits(schema: JsonObject, json: JsonValue): void {
  const check = checkOf(schema);
  assert.ok(check(json), `${ajv.errorsText(check.errors)}: ${JSON.stringify(json)}`);
}

/** Answers with the request, or with an empty message. */
const echo = transcoderFixture(names);

describe("openApi, against the running transcoder", () => {
  for (const { method, path, operation } of operations) {
    it(`42: ${method} ${path} is served as documented`, async () => {
      for (const choice of choices) {
        const url = urlOf(path, operation, choice);
        const { body, json } = await call(method, url, operation, choice);
        const schema = operation.responses["200"].content["application/json"]?.schema;
        if (!schema || method === "HEAD") continue;
        assert.notEqual(body, "");
        assertFits(schema, json);
      }
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
      for (const choice of choices) {
        const url = `${urlOf(path, operation, choice)}?${queryOf(parameter, choice)}`;
        await call(method, url, operation, choice, echo);
      }
    }
  });

  const valuesOf = (part: "requestBody" | "responses") => {
    const { post } =
      (document.paths as Record<string, Record<string, unknown>>)["/v1/values"] ?? {};
    const { requestBody, responses } = post as Required<Operation>;
    const content = part === "requestBody" ? requestBody.content : responses["200"].content;
    return content["application/json"]?.schema ?? {};
  };

  it("42: whatever the JSON mapping lets a request hold, the document does", async () => {
    const fields = [
      "doubleValue floatValue wrappedDouble wrappedFloat: 1.5 '1.5' '1e2' 'NaN' '-Infinity' null",
      "int32Value sint32Value sfixed32Value optionalInt32 wrappedInt32: 5 '5' '1.0' '1e2' -5 null",
      "uint32Value fixed32Value wrappedUint32: 5 '5' '1.0' '1e2' null",
      "int64Value sint64Value sfixed64Value wrappedInt64 longAsString: 5 '5' '1.0' -5 '-5' null",
      "uint64Value fixed64Value wrappedUint64: 5 '5' '1.0' '1e2' null",
      "boolValue wrappedBool: true null",
      "stringValue optionalString wrappedString word customName: '' 'x' null",
      "bytesValue wrappedBytes: '' 'AQI=' 'AQI' '-_8' null",
      "kind: 'KIND_MAP' 2 77 null",
      "nullValue: null 'NULL_VALUE' 0",
      "kinds: ['KIND_MAP',2,77] [] null",
      "numbers: [1,'2'] null",
      "strings list timestamps listValue labels flags children struct inner: null",
      "timestamp: '2026-01-31T00:00:00Z' null",
      "duration: '1.5s' null",
      "mask: 'a.b,c' '' null",
      "value: null 1 '1' [] {}",
      "wrappedChoice: null",
    ];
    let count = 0;
    for (const line of fields) {
      const [keys = "", list = ""] = line.split(": ");
      for (const key of keys.split(" ")) {
        for (const text of list.split(" ")) {
          const body = `{"${key}":${text.replaceAll("'", '"')}}`;
          const reply = await echo.send("POST", "/v1/values", { body });
          assert.equal(reply.status, 200, body);
          assertFits(valuesOf("requestBody"), JSON.parse(body));
          assertFits(valuesOf("responses"), reply.json);
          count++;
        }
      }
    }
    assert.ok(count > 100);
  });

  it("42: the document allows neither requests nor responses that cannot be", () => {
    const check = (part: "requestBody" | "responses", json: JsonValue) =>
      checkOf(valuesOf(part))(json);
    for (const json of [
      { int64Value: 1.5 },
      { int64Value: "x" },
      { kind: "KIND_CD" },
      { boolValue: "true" },
      { stringValue: 5 },
      { doubleValue: "0x10" },
      { strings: [null] },
    ]) {
      assert.equal(check("requestBody", json), false, JSON.stringify(json));
      assert.equal(check("responses", json), false, JSON.stringify(json));
    }
    for (const json of [{ int64Value: 5 }, { int32Value: "5" }, { kind: null }, { inner: null }]) {
      assert.equal(check("responses", json), false, JSON.stringify(json));
    }
  });

  it("42: an empty response fits, whatever is required of a request", async () => {
    const empty = transcoderFixture(names, {}, ({ method }) => ({
      message: create(method.output),
    }));
    for (const { method, path, operation } of operations) {
      const schema = operation.responses["200"].content["application/json"]?.schema;
      if (!schema || method === "HEAD") continue;
      const json = operation.requestBody?.content["application/json"]?.schema;
      const body = json ? { body: JSON.stringify(sample(json, 0)) } : {};
      const reply = await empty.send(method, urlOf(path, operation, 0), body);
      assert.equal(reply.status, 200, path);
      assertFits(schema, reply.json);
    }
  });

  it("42: a body may be left out where the document says so, and only there", async () => {
    for (const { method, path, operation } of operations) {
      if (!operation.requestBody || operation.requestBody.required) continue;
      const reply = await echo.send(method, urlOf(path, operation, 0));
      assert.equal(reply.status, 200, path);
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
