import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DescField, DescMethod, DescService, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ApiSchema } from "@bufbuild/protobuf/wkt";
import { validate } from "@readme/openapi-parser";
import { commentsFrom } from "./openapi/comments.ts";
import { type OpenApiOptions, openApi } from "./openapi.ts";
import { descriptors, findService } from "./testing/contract.ts";

const services = ["LibraryService", "ValueService", "NoteService"].map(findService);

function documentOf(options: Partial<OpenApiOptions> = {}): JsonObject {
  const comments = commentsFrom(descriptors);
  return openApi(services, { title: "Library", version: "1", comments, ...options });
}

const document = documentOf();

/** The value at a path of keys; the keys may hold slashes and dots. */
function at(json: JsonValue | undefined, ...keys: (string | number)[]): JsonValue | undefined {
  return keys.reduce<JsonValue | undefined>(
    (value, key) => (value as Record<string, JsonValue> | undefined)?.[key],
    json,
  );
}

function operation(path: string, method: string, from = document): JsonObject {
  return at(from, "paths", path, method) as JsonObject;
}

function schema(name: string, from = document): JsonObject {
  return at(from, "components", "schemas", `rest.test.v1.${name}`) as JsonObject;
}

function parameter(path: string, method: string, name: string): JsonObject | undefined {
  const all = operation(path, method).parameters as JsonObject[];
  return all.find((one) => one.name === name);
}

describe("openApi: paths", () => {
  it("42: the document is valid OpenAPI 3.1", async () => {
    assert.equal(document.openapi, "3.1.0");
    const result = await validate(structuredClone(document) as never);
    assert.deepEqual(result, { valid: true, warnings: [], specification: "OpenAPI" });
  });

  it("42: the same input gives the same bytes", () => {
    assert.equal(JSON.stringify(documentOf()), JSON.stringify(document));
  });

  it("42: a variable of several segments becomes readable parameters", () => {
    const path = "/v1/shelves/{shelf}/books/{book}";
    assert.equal(operation(path, "get").operationId, "LibraryService_GetBook");
    const names = (operation(path, "get").parameters as JsonObject[]).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ["shelf", "book"]);
    assert.equal(
      operation("/v1/shelves/{shelf}/books", "get").operationId,
      "LibraryService_ListBooks",
    );
  });

  it("42: a variable with ** is described as one that may contain slashes", () => {
    const { name, description } =
      (operation("/v1/files/{file}", "get").parameters as JsonObject[])[0] ?? {};
    assert.deepEqual([name, description], ["file", "Can contain slashes."]);
  });

  it("42: a verb stands at the end of its path", () => {
    const path = "/v1/shelves/{shelf}/books/{book}:lend";
    assert.equal(operation(path, "post").operationId, "LibraryService_LendBook");
    assert.equal(
      operation("/v1/books/{name}:lend:now", "post").operationId,
      "LibraryService_LendBook_2",
    );
  });

  it("43: a resource with an etag has it as ETag, If-Match and 412", () => {
    const path = "/v1/shelves/{shelf}/books/{book}";
    assert.deepEqual(Object.keys(at(operation(path, "get"), "responses", "200", "headers") ?? {}), [
      "ETag",
    ]);
    for (const [method, isConditional] of [
      ["patch", true],
      ["put", true],
      ["delete", false],
      ["get", false],
    ] as const) {
      const { responses } = operation(path, method);
      assert.equal(parameter(path, method, "If-Match")?.in === "header", isConditional, method);
      assert.equal(at(responses, "412") !== undefined, isConditional, method);
    }
  });

  it("42: an operationId is never given twice", () => {
    const ids = Object.values(document.paths as Record<string, JsonObject>)
      .flatMap(({ "x-operations": others = {}, ...item }) => [
        ...(Object.values(item) as JsonObject[]),
        ...(Object.values(others as object) as JsonObject[]),
      ])
      .map(({ operationId }) => operationId);
    assert.ok(ids.length > 25);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("42: paths that differ in the names of parameters alone are one", () => {
    const same = Object.keys(document.paths as object).map((path) =>
      path.replace(/\{[^}]*\}/g, "{}"),
    );
    assert.equal(new Set(same).size, same.length);
  });

  it("42: methods that OpenAPI has no operation for are in an extension", () => {
    const others = operation("/v1/probe", "x-operations");
    assert.deepEqual(Object.keys(others), ["LINK /v1/probe"]);
    assert.deepEqual(Object.keys(operation("/v1/anything", "x-operations")), ["* /v1/anything"]);
    assert.ok(operation("/v1/probe", "head") && operation("/v1/probe", "trace"));
  });

  it("42: a stream of replies is documented in both its forms, with its errors", () => {
    const get = operation("/v1/boards/{board}/notes:watch", "get");
    const content = at(get, "responses", "200", "content") as JsonObject;
    assert.deepEqual(Object.keys(content), ["application/x-ndjson", "text/event-stream"]);
    const note = { $ref: "#/components/schemas/rest.test.v1.Note" };
    const status = { $ref: "#/components/schemas/google.rpc.Status" };
    const line = at(content, "application/x-ndjson", "schema", "properties");
    assert.deepEqual(line, { result: note, error: status });
    const events = at(content, "text/event-stream", "schema", "oneOf") as JsonObject[];
    const data = events.map((event) => at(event, "properties", "data", "contentSchema"));
    assert.deepEqual(data, [note, status, { type: "object" }]);
  });

  it("42: a stream that can be resumed takes a position", () => {
    const named = (path: string) =>
      ((operation(path, "get").parameters ?? []) as JsonObject[]).map(({ name }) => name);
    const parameters = named("/v1/boards/{board}/notes:watch");
    assert.deepEqual(parameters, ["board", "after", "Last-Event-ID"]);
    assert.deepEqual(named("/v1/boards/{board}/scan"), ["board", "after"]);
  });

  it("42: a request of many messages is documented in both its forms", () => {
    const post = operation("/v1/boards/{board}/notes:pin", "post");
    const content = at(post, "requestBody", "content") as JsonObject;
    const note = "#/components/schemas/rest.test.v1.Note";
    const items = { anyOf: [{ $ref: `${note}-input` }, { type: "null" }] };
    assert.deepEqual(at(content, "application/x-ndjson", "schema", "anyOf"), items.anyOf);
    assert.deepEqual(at(content, "application/json", "schema"), { type: "array", items });
    const reply = at(post, "responses", "200", "content") as JsonObject;
    assert.deepEqual(Object.keys(reply), ["application/json"]);
  });

  it("42: methods can be left out, and with them their types and tags", () => {
    const only = documentOf({ include: ({ name }) => name === "OpenLibrary" });
    assert.deepEqual(Object.keys(only.paths as object), ["/v1/library:open"]);
    const { schemas } = only.components as { schemas: object };
    assert.deepEqual(Object.keys(schemas), ["google.protobuf.Empty", "google.rpc.Status"]);
    assert.deepEqual(
      (only.tags as JsonObject[]).map(({ name }) => name),
      ["LibraryService"],
    );
  });

  it("42: methods without a rule are documented where they are bound", () => {
    const path = "/rest.test.v1.LibraryService/Unannotated";
    assert.equal(operation(path, "post"), undefined);
    assert.ok(operation(path, "post", documentOf({ bindUnannotated: true })));
  });
});

describe("openApi: operations", () => {
  const list = "/v1/shelves/{shelf}/books";
  const book = "/v1/shelves/{shelf}/books/{book}";

  it("42: query parameters are what neither path nor body fills, nested ones dotted", () => {
    const names = (operation(list, "get").parameters as JsonObject[]).map(({ name }) => name);
    assert.equal(names.includes("parent"), false);
    assert.ok(names.includes("pageSize") && names.includes("like.author.firstName"));
    assert.deepEqual(
      (operation(list, "post").parameters as JsonObject[]).map(({ name }) => name),
      ["shelf", "requestId"],
    );
  });

  it("42: the parameters of a recursive type end where it begins again", () => {
    const names = (operation(list, "get").parameters as JsonObject[]).map(({ name }) =>
      String(name),
    );
    assert.ok(names.includes("like.title"));
    assert.equal(
      names.some((name) => name.startsWith("like.sequel")),
      false,
    );
  });

  it("42: neither repeated messages nor output-only fields are parameters", () => {
    const names = (operation(list, "get").parameters as JsonObject[]).map(({ name }) =>
      String(name),
    );
    assert.equal(
      names.some((name) => /^examples|createTime|editors|attachment/.test(name)),
      false,
    );
  });

  it("42: lists, maps, enums and free-form values in the query", () => {
    const anyOf = [{ $ref: "#/components/schemas/rest.test.v1.Genre" }, { enum: [0, 1, 2] }];
    assert.deepEqual(parameter(list, "get", "genres")?.schema, { type: "array", items: { anyOf } });
    assert.equal(parameter(list, "get", "labels")?.style, "deepObject");
    assert.ok(at(parameter(list, "get", "like.extra"), "content", "application/json"));
  });

  it("42: no two tags have one name", () => {
    const twins = ["rest.test.bad.v1.GetWithBody", "LibraryService"].map(findService);
    const [first] = twins as [DescService, DescService];
    const others = { ...first, name: "LibraryService", methods: [] as DescMethod[] };
    const method = findService("LibraryService").method.openLibrary as DescMethod;
    others.methods.push({ ...method, parent: others } as DescMethod);
    const both = openApi([others, findService("LibraryService")], { title: "t", version: "1" });
    assert.deepEqual(
      (both.tags as JsonObject[]).map(({ name }) => name),
      ["rest.test.bad.v1.GetWithBody", "rest.test.v1.LibraryService"],
    );
  });

  it("42: comments become summary and description", () => {
    const { summary, description } = operation(book, "get");
    assert.equal(summary, "GetBook reads one book, by its name");
    assert.match(
      String(description),
      /^GetBook reads .*\n.*There is more to say\.\n\nReasons: NO_SUCH_BOOK\.$/,
    );
    const [tag] = document.tags as JsonObject[];
    const text = "LibraryService keeps books on shelves. It is small.";
    assert.deepEqual(tag, { name: "LibraryService", description: text });
    assert.equal(
      parameter("/v1/books/{name}", "get", "name")?.description,
      "The name of the book.",
    );
  });

  it("42: no comments are no descriptions", () => {
    const bare = openApi(services, { title: "t", version: "1" });
    const { summary, description } = operation(book, "get", bare);
    assert.deepEqual([summary, description], [undefined, undefined]);
  });

  it("42: deprecated methods and fields are marked", () => {
    assert.equal(operation(book, "delete").deprecated, true);
    assert.equal(operation(book, "get").deprecated, undefined);
    assert.equal(at(schema("Book"), "properties", "genre", "deprecated"), true);
    assert.equal(parameter(list, "get", "like.genre")?.deprecated, true);
  });

  const bookOrNull = {
    anyOf: [{ $ref: "#/components/schemas/rest.test.v1.Book-input" }, { type: "null" }],
  };

  it("42: a body is what the path leaves", () => {
    const lend = at(
      operation(`${book}:lend`, "post"),
      "requestBody",
      "content",
      "application/json",
    );
    assert.deepEqual(Object.keys(at(lend, "schema", "properties") as object), ["reader"]);
    const create = at(operation(list, "post"), "requestBody", "content", "application/json");
    assert.deepEqual(at(create, "schema"), bookOrNull);
  });

  it("42: nothing is required of the body of a PATCH", () => {
    const patch = at(
      operation(book, "patch"),
      "requestBody",
      "content",
      "application/json",
      "schema",
    );
    assert.ok(at(patch, "anyOf", 0, "properties", "title"));
    assert.equal(at(patch, "anyOf", 0, "required"), undefined);
    const put = at(operation(book, "put"), "requestBody", "content", "application/json", "schema");
    assert.deepEqual(put, bookOrNull);
  });

  it("42: raw bodies are of any type", () => {
    const { requestBody, responses } = operation("/v1/raw", "post");
    assert.deepEqual(at(requestBody, "content"), { "*/*": {} });
    assert.deepEqual(at(responses, "200", "content"), { "*/*": {} });
  });

  it("42: response_body is the response", () => {
    const titles = at(
      operation("/v1/titles", "get"),
      "responses",
      "200",
      "content",
      "application/json",
    );
    assert.deepEqual(at(titles, "schema"), { type: "array", items: { type: "string" } });
  });

  it("42: every operation fails with google.rpc.Status", () => {
    const ref = { $ref: "#/components/responses/Error" };
    assert.deepEqual(at(operation(book, "get"), "responses", "default"), ref);
    const error = at(
      document,
      "components",
      "responses",
      "Error",
      "content",
      "application/json",
      "schema",
    );
    assert.deepEqual(error, { $ref: "#/components/schemas/google.rpc.Status" });
  });

  it("42: security is as the option returns for a method", () => {
    const secured = documentOf({
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      security: ({ name }) => (name === "GetBook" ? [] : [{ bearer: [] }]),
    });
    assert.deepEqual(operation(book, "get", secured).security, []);
    assert.deepEqual(operation(book, "delete", secured).security, [{ bearer: [] }]);
    assert.equal("security" in operation(book, "get"), false);
  });
});

describe("openApi: schemas", () => {
  const field = (name: string) => at(schema("Values"), "properties", name) as JsonObject;

  it("42: 64 bits are strings, bytes base64", () => {
    assert.deepEqual(field("int64Value"), {
      type: "string",
      format: "int64",
      pattern: "^-?[0-9]+$",
    });
    assert.deepEqual(field("bytesValue"), {
      type: "string",
      format: "byte",
      contentEncoding: "base64",
    });
    assert.deepEqual(field("uint32Value"), { type: "integer", format: "uint32", minimum: 0 });
  });

  it("42: well-known types have their JSON form", () => {
    assert.deepEqual([field("timestamp").type, field("timestamp").format], ["string", "date-time"]);
    assert.equal(field("duration").type, "string");
    assert.equal(field("mask").type, "string");
    assert.deepEqual(field("wrappedInt32").type, ["integer", "null"]);
    assert.deepEqual(field("struct"), { type: "object", additionalProperties: true });
    assert.deepEqual(field("value"), {});
    assert.deepEqual(field("nullValue"), { type: "null" });
    assert.deepEqual(field("any").required, ["@type"]);
  });

  it("42: a map is an object, with its keys' pattern", () => {
    assert.deepEqual(field("flags"), {
      type: "object",
      additionalProperties: { type: "boolean" },
      propertyNames: { pattern: "^-?[0-9]+$" },
    });
  });

  it("42: an enum is its names, with their comments", () => {
    assert.deepEqual(schema("Genre"), {
      type: "string",
      enum: ["GENRE_UNSPECIFIED", "GENRE_NOVEL", "GENRE_ATLAS"],
      description: "Genre says where a book stands.\n\n- `GENRE_NOVEL`: Invented.",
    });
  });

  it("42: of a oneof, one member at most", () => {
    const members = [{ required: ["room"] }, { required: ["url"] }];
    const oneOf = [...members, { not: { anyOf: members } }];
    assert.deepEqual(schema("Book").allOf, [{ oneOf, description: "Where it is to be had." }]);
  });

  it("42: a type has two schemas where requests and responses differ in it, else one", () => {
    const { schemas } = document.components as { schemas: Record<string, JsonObject> };
    const names = Object.keys(schemas).filter((name) => name.startsWith("rest.test.v1."));
    assert.ok(names.includes("rest.test.v1.Book") && names.includes("rest.test.v1.Book-input"));
    assert.ok(
      names.includes("rest.test.v1.Genre") && names.includes("rest.test.v1.UpdateBookRequest"),
    );
    for (const name of ["Genre-input", "UpdateBookRequest-input", "ListBooksResponse-input"])
      assert.equal(names.includes(`rest.test.v1.${name}`), false, name);
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    for (const [, name = ""] of references) assert.ok(name in schemas, name);
  });

  it("42: field_behavior", () => {
    assert.deepEqual(schema("Book-input").required, ["title"]);
    assert.equal(schema("Book").required, undefined);
    assert.equal(at(schema("Book"), "properties", "createTime", "readOnly"), true);
    assert.equal(at(schema("Book"), "properties", "secret", "writeOnly"), true);
    const { name, required } = parameter("/v1/books/{name}", "get", "name") ?? {};
    assert.deepEqual([name, required], ["name", true]);
  });

  it("42: rules of fields come from outside, and win", () => {
    const fieldConstraints = (one: DescField) => {
      if (one.name === "title")
        return { required: false, schema: { maxLength: 9, examples: ["T"] } };
      return one.name === "reader" ? { required: true } : {};
    };
    const ruled = documentOf({ fieldConstraints });
    assert.equal(schema("Book-input", ruled).required, undefined);
    const title = { description: "The title.", examples: ["T"] };
    assert.deepEqual(at(schema("Book-input", ruled), "properties", "title"), {
      ...title,
      type: ["string", "null"],
      maxLength: 9,
    });
    // What is answered may be older than the rule.
    assert.deepEqual(at(schema("Book", ruled), "properties", "title"), {
      ...title,
      type: "string",
    });
    const path = "/v1/shelves/{shelf}/books/{book}:lend";
    const body = at(operation(path, "post", ruled), "requestBody", "content", "application/json");
    assert.deepEqual(at(body, "schema", "required"), ["reader"]);
  });

  it("42: names as in proto, where those are written", () => {
    const proto = documentOf({ useProtoFieldName: true });
    assert.ok(at(schema("Book", proto), "properties", "sub_title"));
    assert.ok(at(schema("Book"), "properties", "subtitle"));
  });
});

describe("commentsFrom", () => {
  it("42: finds nothing where there is none, nor in what it does not know", () => {
    const comments = commentsFrom(descriptors);
    const unannotated = findService("LibraryService").method.unannotated;
    assert.equal(unannotated && comments(unannotated), undefined);
    assert.equal(comments(ApiSchema), undefined);
  });
});
