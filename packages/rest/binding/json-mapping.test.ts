import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const values = transcoderFixture(["ValueService"]);

async function echo(json: JsonValue, options = {}): Promise<JsonValue> {
  const { send } = transcoderFixture(["ValueService"], options);
  const reply = await send("POST", "/v1/values", { body: JSON.stringify(json) });
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  return reply.json;
}

const written: [name: string, sent: JsonObject, answered: JsonObject][] = [
  [
    "int64 as string",
    { int64Value: 5, uint64Value: "18446744073709551615" },
    { int64Value: "5", uint64Value: "18446744073709551615" },
  ],
  [
    "enums as names",
    { kind: 2, kinds: ["KIND_BOOK", 7] },
    { kind: "KIND_MAP", kinds: ["KIND_BOOK", 7] },
  ],
  ["bytes in base64", { bytesValue: "-_8" }, { bytesValue: "+/8=" }],
  [
    "floats that are no numbers",
    { doubleValue: "NaN", floatValue: "-Infinity" },
    { doubleValue: "NaN", floatValue: "-Infinity" },
  ],
  [
    "Any",
    { any: { "@type": "type.googleapis.com/rest.test.v1.Values", word: "w" } },
    { any: { "@type": "type.googleapis.com/rest.test.v1.Values", word: "w" } },
  ],
  [
    "Any of a well-known type",
    { any: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" } },
    { any: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" } },
  ],
  [
    "Struct, Value and ListValue",
    { struct: { a: [1, null] }, value: { b: "c" }, listValue: [1, "x", true] },
    { struct: { a: [1, null] }, value: { b: "c" }, listValue: [1, "x", true] },
  ],
  ["a Value that is null", { value: null }, { value: null }],
  ["Duration", { duration: "1.000000001s" }, { duration: "1.000000001s" }],
  [
    "the bounds of Timestamp",
    { timestamp: "0001-01-01T00:00:00Z", timestamps: ["9999-12-31T23:59:59.999999999Z"] },
    { timestamp: "0001-01-01T00:00:00Z", timestamps: ["9999-12-31T23:59:59.999999999Z"] },
  ],
  ["FieldMask in camel case", { mask: "a.fooBar,b" }, { mask: "a.fooBar,b" }],
  [
    "wrappers that hold a zero",
    { wrappedInt64: "0", wrappedString: "" },
    { wrappedInt64: "0", wrappedString: "" },
  ],
  ["wrappers that are null", { wrappedInt64: null, wrappedString: null }, {}],
  [
    "optional fields that hold a zero",
    { optionalString: "", optionalInt32: 0 },
    { optionalString: "", optionalInt32: 0 },
  ],
  [
    "a member of a oneof that is null is absent, whatever its type",
    { word: "w", count: null, other: null, inner: { other: null, wrappedChoice: "x" } },
    { word: "w", inner: { wrappedChoice: "x" } },
  ],
  [
    "in lists and maps too",
    { list: [{ other: null, count: 1 }], children: { c: { wrappedChoice: null, word: "d" } } },
    { list: [{ count: 1 }], children: { c: { word: "d" } } },
  ],
  [
    "zeroes are left out",
    { stringValue: "", int32Value: 0, strings: [], kind: "KIND_UNSPECIFIED" },
    {},
  ],
  [
    "null clears",
    { stringValue: null, inner: null, strings: null, labels: null, optionalString: null },
    {},
  ],
  [
    "proto names are read",
    { string_value: "a", custom: "b" },
    { stringValue: "a", customName: "b" },
  ],
  [
    "maps",
    { labels: { a: "b" }, flags: { "-1": true }, children: { c: { word: "d" } } },
    { labels: { a: "b" }, flags: { "-1": true }, children: { c: { word: "d" } } },
  ],
];

const refused: [name: string, sent: JsonObject][] = [
  ["a Timestamp before its bounds", { timestamp: "0000-12-31T23:59:59Z" }],
  ["a Timestamp after its bounds", { timestamp: "9999-12-31T23:59:59-01:00" }],
  ["a Timestamp without its zone", { timestamp: "2026-01-31T00:00:00" }],
  ["a Duration out of bounds", { duration: "315576000001s" }],
  ["a FieldMask in proto names", { mask: "foo_bar" }],
  ["an Any of an unknown type", { any: { "@type": "type.googleapis.com/no.Such" } }],
  ["an Any without a type", { any: { word: "w" } }],
  ["null in a list", { strings: [null] }],
  ["null in a map", { labels: { a: null } }],
  ["two members of a oneof", { word: "w", count: 1 }],
  ["two members of a oneof beside a null", { word: "w", other: null, wrappedChoice: "x" }],
  ["a fraction for an integer", { int32Value: 1.5 }],
  ["an empty text for an integer", { int64Value: "" }],
  ["a blank text for an integer", { uint64Value: " \n" }],
  ["a hexadecimal integer", { int64Value: "0x10" }],
  ["an empty text for an integer in a wrapper", { wrappedInt64: "" }],
  ["an empty text for an integer further in", { inner: { int64Value: "" } }],
  ["a hexadecimal 32-bit integer", { int32Value: "0x10" }],
  ["an integer with leading zeros", { int64Value: "007" }],
  ["a fraction in a text for an integer", { int64Value: "1.5" }],
  ["a negative text for an unsigned integer", { uint64Value: "-1.0" }],
  ["an integer of too many digits", { int64Value: "1e30" }],
  ["an integer of far too many digits", { uint64Value: "1e999999999" }],
  ["a hexadecimal key of a map", { flags: { "0x10": true } }],
  ["a hexadecimal double", { doubleValue: "0x10" }],
  ["a float as only JavaScript writes it", { floatValue: "+.5" }],
  ["a day that does not exist", { timestamp: "2026-02-30T00:00:00Z" }],
  ["a leap day of another year", { timestamp: "1900-02-29T00:00:00Z" }],
  ["the 31st of a month of 30", { timestamps: ["2026-01-31T00:00:00Z", "2026-04-31T00:00:00Z"] }],
  ["the hour 24", { timestamp: "2026-01-31T24:00:00Z" }],
  ["an offset that does not exist", { timestamp: "2026-01-31T00:00:00+24:00" }],
  ["more after a Duration", { duration: "1sec" }],
  ["a Duration of ten decimal places", { duration: "0.0000000001s" }],
  ["an empty path in a FieldMask", { mask: "a,,b" }],
  ["base64 with a blank", { bytesValue: "AQ ==" }],
  ["base64 with a line break", { bytesValue: "AQID\nBAUG" }],
  ["base64 in two alphabets", { bytesValue: "+_8=" }],
  ["base64 that ends twice", { bytesValue: "AQ==AQ==" }],
  ["base64 of half a byte", { wrappedBytes: "A" }],
  ["half of a surrogate pair in a Struct", { struct: { a: [{ b: "\ud800" }] } }],
  ["half of a surrogate pair as a name in a Struct", { struct: { a: { "\udc00": 1 } } }],
  ["half of a surrogate pair in a Value", { value: ["\udbff"] }],
  ["half of a surrogate pair as a key of a map", { labels: { "\ud800": "a" } }],
  [
    "half of a surrogate pair in an Any",
    { any: { "@type": "type.googleapis.com/google.protobuf.Struct", value: { a: "\ud800" } } },
  ],
  [
    "a day that does not exist in an Any",
    {
      any: {
        "@type": "type.googleapis.com/rest.test.v1.Values",
        timestamp: "2026-06-31T00:00:00Z",
      },
    },
  ],
];

/** What JavaScript cannot hold as a value, or would write otherwise. */
const texts: [name: string, sent: string, answered: string][] = [
  [
    "an int64 beyond 2^53, as a number",
    '{"int64Value":9007199254740993}',
    '{"int64Value":"9007199254740993"}',
  ],
  [
    "the least int64, as a number",
    '{"int64Value":-9223372036854775808}',
    '{"int64Value":"-9223372036854775808"}',
  ],
  [
    "the greatest uint64, as a number",
    '{"uint64Value":18446744073709551615}',
    '{"uint64Value":"18446744073709551615"}',
  ],
  [
    "an int64 with an exponent",
    '{"int64Value":123456789012345e4}',
    '{"int64Value":"1234567890123450000"}',
  ],
  [
    "an int64 with a fraction of 0",
    '{"int64Value":9007199254740993.0}',
    '{"int64Value":"9007199254740993"}',
  ],
  [
    "integers in quotes as numbers are written",
    '{"int64Value":"1.0","uint64Value":"1e2","int32Value":"10e-1"}',
    '{"int32Value":1,"int64Value":"1","uint64Value":"100"}',
  ],
  [
    "an int64 in a wrapper, a list of messages, a map and an Any",
    '{"wrappedInt64":9007199254740993,"list":[{},{"sint64Value":9007199254740995}],"children":{"a":{"fixed64Value":9007199254740997}},"any":{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":9007199254740999}}',
    '{"list":[{},{"sint64Value":"9007199254740995"}],"children":{"a":{"fixed64Value":"9007199254740997"}},"wrappedInt64":"9007199254740993","any":{"value":"9007199254740999","@type":"type.googleapis.com/google.protobuf.Int64Value"}}',
  ],
  [
    "an int64 kept as text",
    '{"longAsString":9007199254740993}',
    '{"longAsString":"9007199254740993"}',
  ],
  [
    "numbers of other types beyond 2^53",
    '{"doubleValue":9007199254740993,"value":9007199254740993}',
    '{"doubleValue":9007199254740992,"value":9007199254740992}',
  ],
  [
    "a float by as few digits as make it",
    '{"floatValue":1.1,"wrappedFloat":16777216,"list":[{"floatValue":3.4028235e38},{"floatValue":1e-45}]}',
    '{"floatValue":1.1,"list":[{"floatValue":3.4028235e+38},{"floatValue":1e-45}],"wrappedFloat":16777216}',
  ],
  [
    "-0",
    '{"doubleValue":-0,"floatValue":-0.0,"wrappedDouble":-0,"value":[-0]}',
    '{"doubleValue":-0,"floatValue":-0,"wrappedDouble":-0,"value":[-0]}',
  ],
  [
    "a leap day",
    '{"timestamp":"2000-02-29T23:59:59+23:59"}',
    '{"timestamp":"2000-02-29T00:00:59Z"}',
  ],
];

describe("JSON mapping", () => {
  for (const [name, sent, answered] of written) {
    it(`34: ${name}`, async () => assert.deepEqual(await echo(sent), answered));
  }

  for (const [name, sent] of refused) {
    it(`34: ${name} is 400`, async () => {
      const reply = await values.send("POST", "/v1/values", { body: JSON.stringify(sent) });
      assert.equal(reply.status, 400);
    });
  }

  for (const [name, sent, answered] of texts) {
    it(`34: ${name} is kept`, async () => {
      const reply = await values.send("POST", "/v1/values", { body: sent });
      assert.equal(reply.body, answered);
    });
  }

  it("34: a body that is an int64 beyond 2^53 is read exactly", async () => {
    await values.send("POST", "/v1/values:int64", { body: "9007199254740993" });
    assert.deepEqual(values.lastCall().json, { int64Value: "9007199254740993" });
  });

  it("34: a number for a text stays refused, however long", async () => {
    for (const field of ["stringValue", "bytesValue", "timestamp", "kind", "boolValue"]) {
      const body = `{"${field}":9007199254740993}`;
      assert.equal((await values.send("POST", "/v1/values", { body })).status, 400, field);
    }
  });

  it("34: a number that a Value cannot hold is 400", async () => {
    for (const body of ['{"value":1e400}', '{"struct":{"a":[-1e400]}}', '{"doubleValue":1e400}']) {
      assert.equal((await values.send("POST", "/v1/values", { body })).status, 400, body);
    }
  });

  it("34: a value that does not fit is named with its path", async () => {
    const sent = {
      inner: { timestamp: "2026-02-30T00:00:00Z" },
      list: [{}, { int64Value: "x" }],
      children: { "a.b": { bytesValue: "*" } },
      strings: 5,
    };
    const reply = await values.send("POST", "/v1/values", { body: JSON.stringify(sent) });
    assert.deepEqual(errorInfoOf(reply).fields, [
      "inner.timestamp",
      "list[1].int64_value",
      'children["a.b"].bytes_value',
      "strings",
    ]);
  });

  it("34: a path and a query are read like a body", async () => {
    for (const url of [
      "/v1/timestamp/2026-02-30T00:00:00Z",
      "/v1/values?timestamp=2026-02-30T00:00:00Z",
      "/v1/values?value=%22%5Cud800%22",
      "/v1/values?value=1e400",
      "/v1/values?struct=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
    ]) {
      assert.equal((await values.send("GET", url)).status, 400, url);
    }
  });

  it("34: defaults are written on request", async () => {
    const json = (await echo({}, { json: { alwaysEmitImplicit: true } })) as JsonObject;
    assert.deepEqual(
      [json.stringValue, json.int64Value, json.strings, json.labels],
      ["", "0", [], {}],
    );
    assert.equal(json.kind, "KIND_UNSPECIFIED");
    assert.equal("optionalString" in json || "inner" in json || "word" in json, false);
  });

  it("34: names as in proto, and enums as numbers, on request", async () => {
    const options = { json: { useProtoFieldName: true, enumAsInteger: true } };
    const sent = { stringValue: "a", custom: "b", kind: "KIND_MAP", inner: { int32Value: 1 } };
    const answered = { string_value: "a", custom: "b", kind: 2, inner: { int32_value: 1 } };
    assert.deepEqual(await echo(sent, options), answered);
  });
});
