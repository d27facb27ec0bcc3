import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { transcoderFixture } from "../testing/contract.ts";

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
