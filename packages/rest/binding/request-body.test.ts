import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const values = transcoderFixture(["ValueService"]);
const library = transcoderFixture(["LibraryService"]);

async function read(url: string, body: string): Promise<JsonValue | undefined> {
  const reply = await values.send("POST", url, { body });
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  return values.lastCall().json;
}

async function refuse(body: string | Uint8Array, headers?: Record<string, string>) {
  const reply = await values.send("POST", "/v1/values", { body, ...(headers ? { headers } : {}) });
  return { status: reply.status, ...errorInfoOf(reply) };
}

describe("bodies", () => {
  it('28: body "*" is the whole request', async () => {
    assert.deepEqual(await read("/v1/values", '{"stringValue":"a"}'), { stringValue: "a" });
  });

  it("28: a body that is a field", async () => {
    const json = { inner: { stringValue: "a" } };
    assert.deepEqual(await read("/v1/values:inner", '{"stringValue":"a"}'), json);
  });

  it("28: a body that is a field of a field", async () => {
    const json = { inner: { inner: { stringValue: "a" } } };
    assert.deepEqual(await read("/v1/values:deep", ' {"stringValue":"a"}\n'), json);
  });

  it("28: bodies that are a scalar, a list and a member of a oneof", async () => {
    assert.deepEqual(await read("/v1/values:int64", '"5"'), { int64Value: "5" });
    assert.deepEqual(await read("/v1/values:strings", '["a","b"]'), { strings: ["a", "b"] });
    assert.deepEqual(await read("/v1/values:word", '"w"'), { word: "w" });
  });

  it("28: a body cannot reach beyond its field", async () => {
    const body = '{},"stringValue":"x","other":{}';
    const reply = await values.send("POST", "/v1/values:inner", { body });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "MALFORMED_JSON"]);
  });

  it("28: an empty body is an empty message, or an absent field", async () => {
    assert.deepEqual(await read("/v1/values", ""), {});
    assert.deepEqual(await read("/v1/values:inner", ""), {});
    assert.deepEqual(await read("/v1/values:strings", ""), {});
  });

  it("28: a path inside of an absent body makes its message", async () => {
    await values.send("PUT", "/v1/values/x/w");
    assert.deepEqual(values.lastCall().json, { inner: { stringValue: "x" }, word: "w" });
  });

  it("31: a method without a body refuses one, whatever is in it", async () => {
    for (const [method, url] of [
      ["GET", "/v1/books/1"],
      ["DELETE", "/v1/shelves/1/books/2"],
      ["POST", "/v1/library:open"],
    ] as const) {
      const reply = await library.send(method, url, { body: "{}" });
      assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "BODY_NOT_ALLOWED"]);
    }
    assert.equal((await library.send("POST", "/v1/library:open")).status, 200);
  });

  it("31: a body over the limit is 413, and one at the limit is read", async () => {
    const { send } = transcoderFixture(["ValueService"], { maxRequestBytes: 20 });
    assert.equal((await send("POST", "/v1/values", { body: '{"stringValue":"ab"}' })).status, 200);
    const reply = await send("POST", "/v1/values", { body: '{"stringValue":"abc"}' });
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [413, "BODY_TOO_LARGE"]);
  });
});

describe("types of bodies", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };

  for (const type of [
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "application/merge-patch+json",
  ]) {
    it(`28: ${type} is JSON`, async () => {
      const reply = await values.send("POST", "/v1/values", {
        body: "{}",
        headers: { "content-type": type },
      });
      assert.equal(reply.status, 200);
    });
  }

  for (const type of [
    "text/plain",
    "application/xml",
    "application/json; charset=latin1",
    "multipart/form-data; boundary=x",
    "",
  ]) {
    it(`28: "${type}" is 415 as Status`, async () => {
      const outcome = await refuse("{}", { "content-type": type });
      assert.deepEqual(outcome, { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE", fields: [] });
    });
  }

  it("27: a form fills the message as a query does", async () => {
    const body = "stringValue=a+b%26&inner.strings=x&inner.strings=y&labels[k]=v";
    await values.send("POST", "/v1/values", { body, headers: form });
    const inner = { strings: ["x", "y"] };
    assert.deepEqual(values.lastCall().json, { stringValue: "a b&", inner, labels: { k: "v" } });
  });

  it("27: a form for a body that is a field names the fields of that field", async () => {
    await values.send("POST", "/v1/values:inner?stringValue=q", {
      body: "stringValue=a",
      headers: form,
    });
    assert.deepEqual(values.lastCall().json, { stringValue: "q", inner: { stringValue: "a" } });
  });

  it("27: a form refuses what a query refuses", async () => {
    const outcome = await refuse("nothing=1", form);
    assert.deepEqual(outcome, { status: 400, reason: "UNKNOWN_PARAMETER", fields: ["nothing"] });
    const field = await values.send("POST", "/v1/values:inner", { body: "other=1", headers: form });
    assert.deepEqual(errorInfoOf(field).fields, ["inner.other"]);
  });

  it("27: a form of more than 4,096 pairs is 400, and one of as many is read", async () => {
    const most = "strings=x&".repeat(4_096);
    await values.send("POST", "/v1/values", { body: most, headers: form });
    const { strings } = values.lastCall().json as { strings: string[] };
    assert.equal(strings.length, 4_096);
    const outcome = await refuse(`${most}strings=x`, form);
    assert.deepEqual(outcome, { status: 400, reason: "TOO_MANY_PARAMETERS", fields: [] });
  });

  it("32: a google.api.HttpBody takes bytes of any type", async () => {
    const body = new Uint8Array([0, 255, 123]);
    const headers = { "content-type": "image/png" };
    await library.send("PUT", "/v1/files/a/b.png", { body, headers });
    const file = { contentType: "image/png", data: "AP97" };
    assert.deepEqual(library.lastCall().json, { name: "files/a/b.png", file });
    await library.send("POST", "/v1/raw", { body, headers });
    assert.deepEqual(library.lastCall().json, file);
  });

  it("32: what looks like a byte order mark is left in them", async () => {
    const headers = { "content-type": "text/plain" };
    await library.send("POST", "/v1/raw", { body: "\ufeffa", headers });
    assert.deepEqual(library.lastCall().json, { contentType: "text/plain", data: "77u/YQ==" });
  });
});

const malformed: [name: string, body: string | Uint8Array, reason: string, ...fields: string[]][] =
  [
    ["an unknown field", '{"titel":1}', "UNKNOWN_FIELD", "titel"],
    ["an unknown field below", '{"inner":{"inner":{"x":1}}}', "UNKNOWN_FIELD", "inner.inner.x"],
    ["an unknown field in a list", '{"list":[{},{"x":1}]}', "UNKNOWN_FIELD", "list[1].x"],
    [
      "several wrong fields",
      '{"int32Value":"a","x":1,"kind":"NO"}',
      "INVALID_FIELD",
      "int32_value",
      "x",
      "kind",
    ],
    ["a value of a wrong type", '{"inner":{"boolValue":1}}', "INVALID_FIELD", "inner.bool_value"],
    ["an item that is no object", '{"list":[5]}', "INVALID_FIELD", "list[0]"],
    ["no object at all", "[]", "INVALID_FIELD", ""],
    ["null", "null", "INVALID_FIELD", ""],
    ["a number out of range", '{"uint32Value":-1}', "INVALID_FIELD", "uint32_value"],
    ["a name of Object.prototype", '{"toString":1}', "UNKNOWN_FIELD", "toString"],
    ["__proto__", '{"__proto__":{}}', "UNKNOWN_FIELD", "__proto__"],
    ["half of a surrogate pair", '{"stringValue":"\\ud800"}', "INVALID_FIELD", "string_value"],
    ["truncated JSON", '{"stringValue":"a', "MALFORMED_JSON"],
    ["more after the JSON", '{"stringValue":"a"} x', "MALFORMED_JSON"],
    ["two JSON values", "{}{}", "MALFORMED_JSON"],
    ["a comma too many", '{"stringValue":"a",}', "MALFORMED_JSON"],
    ["blanks alone", "  ", "MALFORMED_JSON"],
    ["bytes that are not UTF-8", new Uint8Array([123, 255, 125]), "MALFORMED_BODY"],
    [
      "nesting beyond the limit",
      `${'{"inner":'.repeat(101)}{}${"}".repeat(101)}`,
      "INVALID_FIELD",
      "inner.".repeat(100).slice(0, -1),
    ],
  ];

describe("malformed JSON", () => {
  for (const [name, body, reason, ...fields] of malformed) {
    it(`30: ${name} is 400`, async () => {
      assert.deepEqual(await refuse(body), { status: 400, reason, fields });
    });
  }

  it("30: one field twice is 400, under one name or two", async () => {
    for (const body of ['{"int32Value":1,"int32Value":2}', '{"int32Value":1,"int32_value":2}']) {
      assert.equal((await refuse(body)).status, 400);
    }
  });

  it("30: a field of the request is named from the request on, when the body is a field", async () => {
    const reply = await values.send("POST", "/v1/values:inner", { body: '{"x":1}' });
    assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_FIELD", fields: ["inner.x"] });
  });

  it("30: no more than twenty fields are named", async () => {
    const wrong = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, i]));
    assert.equal((await refuse(JSON.stringify(wrong))).fields.length, 20);
  });

  it("30: nesting up to the limit is read", async () => {
    const body = `${'{"inner":'.repeat(99)}{}${"}".repeat(99)}`;
    assert.equal((await values.send("POST", "/v1/values", { body })).status, 200);
  });

  for (const [name, open, close] of [
    ["messages", '{"inner":', "}"],
    ["arrays", "[", "]"],
    ["a Value", '{"value":[', "]}"],
    ["an unknown field", '{"x":', "}"],
  ] as const) {
    it(`30: 10,000 levels of ${name} are 400, closed or not`, async () => {
      const deep = open.repeat(10_000);
      assert.equal((await refuse(deep)).status, 400);
      assert.equal((await refuse(`${deep}1${close.repeat(10_000)}`)).status, 400);
    });
  }

  it("30: a Value of 10,000 levels is 400", async () => {
    const body = `{"value":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
    assert.deepEqual((await refuse(body)).fields, ["value"]);
  });

  it("30: an Any of 10,000 levels is 400", async () => {
    const open = '{"@type":"type.googleapis.com/google.protobuf.Any","value":'.repeat(10_000);
    const body = `{"any":${open}{}${"}".repeat(10_001)}`;
    assert.deepEqual((await refuse(body)).fields, ["any"]);
  });

  it("30: a Struct of 40 kB is read", async () => {
    const struct = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`key-${i}`, "öäü".repeat(3)]),
    );
    assert.deepEqual(await read("/v1/values", JSON.stringify({ struct })), { struct });
  });

  it("30: a byte order mark is skipped", async () => {
    assert.deepEqual(await read("/v1/values", '\ufeff{"stringValue":"a"}'), { stringValue: "a" });
  });

  it("30: another one is 400", async () => {
    for (const body of ['\ufeff\ufeff{"stringValue":"a"}', '{"inner":\ufeff{}}']) {
      const outcome = await refuse(body, { "content-type": "application/json" });
      assert.deepEqual([outcome.status, outcome.reason], [400, "MALFORMED_JSON"], body);
    }
  });
});
