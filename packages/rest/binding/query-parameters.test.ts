import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const values = transcoderFixture(["ValueService"]);

const accepted: [name: string, query: string, json: JsonValue][] = [
  ["22: nothing", "", {}],
  ["22: empty pairs", "&&string_value=a&", { stringValue: "a" }],
  ["22: the proto name", "int32_value=5", { int32Value: 5 }],
  ["22: the JSON name", "int32Value=-5", { int32Value: -5 }],
  ["22: a JSON name of its own", "customName=a", { customName: "a" }],
  ["22: an escaped name", "inner%2Estring_value=a", { inner: { stringValue: "a" } }],
  [
    "22: nested paths in both names",
    "inner.inner.int32Value=1",
    { inner: { inner: { int32Value: 1 } } },
  ],
  [
    "22: repetition",
    "strings=a&strings=b&numbers=1&numbers=2",
    { strings: ["a", "b"], numbers: [1, 2] },
  ],
  [
    "22: enums by name and number",
    "kind=KIND_MAP&kinds=1&kinds=KIND_MAP",
    { kind: "KIND_MAP", kinds: ["KIND_BOOK", "KIND_MAP"] },
  ],
  ["22: booleans", "bool_value=true", { boolValue: true }],
  [
    "22: 64 bits",
    "int64_value=-9223372036854775808&uint64_value=18446744073709551615",
    { int64Value: "-9223372036854775808", uint64Value: "18446744073709551615" },
  ],
  [
    "22: 64 bits kept as text",
    "long_as_string=9007199254740993",
    { longAsString: "9007199254740993" },
  ],
  [
    "22: other integers",
    "sint32_value=-1&sint64_value=-2&fixed32_value=3&fixed64_value=4&sfixed32_value=-5&sfixed64_value=-6&uint32_value=4294967295",
    {
      uint32Value: 4294967295,
      sint32Value: -1,
      sint64Value: "-2",
      fixed32Value: 3,
      fixed64Value: "4",
      sfixed32Value: -5,
      sfixed64Value: "-6",
    },
  ],
  ["22: floats", "double_value=-1.5e-3&float_value=.5", { doubleValue: -0.0015, floatValue: 0.5 }],
  [
    "22: NaN and infinities",
    "double_value=NaN&float_value=-Infinity",
    { doubleValue: "NaN", floatValue: "-Infinity" },
  ],
  ["22: bytes in base64", "bytes_value=%2B%2F8%3D", { bytesValue: "+/8=" }],
  ["22: bytes in base64url without padding", "bytes_value=-_8", { bytesValue: "+/8=" }],
  ["22: a name without a value is empty", "optional_string", { optionalString: "" }],
  [
    "23: map entries",
    "labels[a]=1&labels[b.c]=&labels%5B__proto__%5D=2",
    JSON.parse('{"labels":{"a":"1","b.c":"","__proto__":"2"}}'),
  ],
  [
    "23: map entries with other keys and values",
    "flags[-5]=true&inner.labels[x]=y",
    { flags: { "-5": true }, inner: { labels: { x: "y" } } },
  ],
  ["23: a member of a oneof", "count=5", { count: 5 }],
  ["23: a wrapper in a oneof", "wrapped_choice=x", { wrappedChoice: "x" }],
  ["23: a time", "timestamp=2026-01-31T09:30:00%2B02:00", { timestamp: "2026-01-31T07:30:00Z" }],
  [
    "23: several times",
    "timestamps=2026-01-31T09:30:00Z&timestamps=1970-01-01T00:00:00Z",
    { timestamps: ["2026-01-31T09:30:00Z", "1970-01-01T00:00:00Z"] },
  ],
  ["23: a duration", "duration=-1.5s", { duration: "-1.500s" }],
  [
    "23: a field mask in JSON names",
    "mask=firstName,author.lastName",
    { mask: "firstName,author.lastName" },
  ],
  [
    "23: a field mask in proto names",
    "mask=first_name,author.last_name",
    { mask: "firstName,author.lastName" },
  ],
  ["23: an empty field mask", "mask=", { mask: "" }],
  [
    "23: wrappers",
    "wrapped_double=1.5&wrapped_float=2.5&wrapped_int64=-3&wrapped_uint64=4&wrapped_int32=-5&wrapped_uint32=6&wrapped_bool=false&wrapped_string=&wrapped_bytes=AQ",
    {
      wrappedDouble: 1.5,
      wrappedFloat: 2.5,
      wrappedInt64: "-3",
      wrappedUint64: "4",
      wrappedInt32: -5,
      wrappedUint32: 6,
      wrappedBool: false,
      wrappedString: "",
      wrappedBytes: "AQ==",
    },
  ],
  [
    "23: a Struct, a Value and a ListValue as JSON",
    "struct=%7B%22a%22:1%7D&value=null&list_value=%5B1,%22x%22%5D",
    { struct: { a: 1 }, value: null, listValue: [1, "x"] },
  ],
  ["27: a plus is a blank", "string_value=a+b%2Bc", { stringValue: "a b+c" }],
];

const refused: [name: string, query: string, reason: string, field: string][] = [
  ["22: a float that overflows", "float_value=1e39", "INVALID_PARAMETER", "float_value"],
  ["22: a double that overflows", "double_value=1e999", "INVALID_PARAMETER", "double_value"],
  [
    "22: an integer that overflows",
    "inner.int32_value=2147483648",
    "INVALID_PARAMETER",
    "inner.int32_value",
  ],
  ["22: an unsigned integer below 0", "uint32_value=-1", "INVALID_PARAMETER", "uint32_value"],
  [
    "22: 64 bits that overflow",
    "uint64_value=18446744073709551616",
    "INVALID_PARAMETER",
    "uint64_value",
  ],
  ["22: an integer in another notation", "int32_value=1e3", "INVALID_PARAMETER", "int32_value"],
  ["22: a number with a blank", "numbers=1&numbers=%202", "INVALID_PARAMETER", "numbers"],
  ["22: an empty number", "int32_value=", "INVALID_PARAMETER", "int32_value"],
  ["22: bytes that are not base64", "bytes_value=a*b", "INVALID_PARAMETER", "bytes_value"],
  ["22: an enum by an unknown name", "kind=KIND_CD", "INVALID_PARAMETER", "kind"],
  ["22: an enum by an unknown number", "kind=3", "INVALID_PARAMETER", "kind"],
  ["22: a boolean by another name", "bool_value=yes", "INVALID_PARAMETER", "bool_value"],
  ["22: a path through a list", "list.string_value=a", "UNKNOWN_PARAMETER", "list.string_value"],
  [
    "22: a path through a map",
    "children.string_value=a",
    "UNKNOWN_PARAMETER",
    "children.string_value",
  ],
  ["22: a path through a scalar", "string_value.x=a", "UNKNOWN_PARAMETER", "string_value.x"],
  ["23: a map without a key", "labels=a", "UNKNOWN_PARAMETER", "labels"],
  ["23: a key on a field that is no map", "strings[0]=a", "UNKNOWN_PARAMETER", "strings[0]"],
  ["23: a map key of a wrong type", "flags[x]=true", "INVALID_PARAMETER", "flags"],
  ["23: a map value of a wrong type", "flags[1]=x", "INVALID_PARAMETER", "flags"],
  ["23: a map of messages", "children[a]=b", "UNKNOWN_PARAMETER", "children[a]"],
  ["23: a map key twice", "labels[a]=1&labels[a]=2", "INVALID_PARAMETER", "labels"],
  [
    "23: two values for a scalar",
    "string_value=a&string_value=b",
    "INVALID_PARAMETER",
    "string_value",
  ],
  [
    "23: two values under two names",
    "string_value=a&stringValue=b",
    "INVALID_PARAMETER",
    "string_value",
  ],
  ["23: two masks under two names", "inner.mask=a&inner.mask=b", "INVALID_PARAMETER", "inner.mask"],
  ["23: null for a time", "timestamp=null", "INVALID_PARAMETER", "timestamp"],
  [
    "23: a time out of bounds",
    "timestamp=9999-12-31T23:59:59-01:00",
    "INVALID_PARAMETER",
    "timestamp",
  ],
  ["23: a duration without its unit", "duration=5", "INVALID_PARAMETER", "duration"],
  ["23: a duration with more after it", "duration=5s5", "INVALID_PARAMETER", "duration"],
  ["23: a field mask with a blank", "mask=a,%20b", "INVALID_PARAMETER", "mask"],
  ["23: a field mask with an empty path", "mask=a,,b", "INVALID_PARAMETER", "mask"],
  ["23: a Struct that is no object", "struct=5", "INVALID_PARAMETER", "struct"],
  ["23: a Value that is no JSON", "value=%7B", "INVALID_PARAMETER", "value"],
  ["23: a repeated message", "list=a", "UNKNOWN_PARAMETER", "list"],
  ["23: a message", "inner=a", "UNKNOWN_PARAMETER", "inner"],
  ["23: an Any", "any=a", "UNKNOWN_PARAMETER", "any"],
  ["26: an unknown parameter", "nothing=1", "UNKNOWN_PARAMETER", "nothing"],
  ["26: a name of Object.prototype", "constructor=1", "UNKNOWN_PARAMETER", "constructor"],
];

describe("query parameters", () => {
  for (const [name, query, json] of accepted) {
    it(name, async () => {
      const reply = await values.send("GET", `/v1/values?${query}`);
      assert.equal(reply.status, 200, JSON.stringify(reply.json));
      assert.deepEqual(values.lastCall().json, json);
    });
  }

  for (const [name, query, reason, field] of refused) {
    it(`${name} is refused`, async () => {
      const reply = await values.send("GET", `/v1/values?${query}`);
      assert.equal(reply.status, 400);
      assert.deepEqual(errorInfoOf(reply), { reason, fields: [field] });
    });
  }

  it("26: a parameter without a name is refused as such", async () => {
    const reply = await values.send("GET", "/v1/values?=a");
    assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_PARAMETER", fields: [] });
    assert.match((reply.json as { message: string }).message, /^a parameter has no name$/);
  });

  it("23: two members of a oneof are refused", async () => {
    const reply = await values.send("GET", "/v1/values?word=a&count=1");
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "INVALID_PARAMETER"]);
    assert.match((reply.json as { message: string }).message, /oneof set multiple times/);
  });

  it("23: a mask keeps a proto name that JSON could not give back", async () => {
    await values.send("GET", "/v1/values?mask=line_1,inner.line_1");
    const { mask } = values.lastCall().message as unknown as { mask: { paths: string[] } };
    assert.deepEqual(mask.paths, ["line_1", "inner.line_1"]);
  });

  it("20: an escape that is none is refused", async () => {
    for (const query of ["a=%zz", "%=1", "string_value=%ff"]) {
      const reply = await values.send("GET", `/v1/values?${query}`);
      assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "MALFORMED_QUERY"]);
    }
  });

  it("22: a path into a recursive type is cut at the depth of messages", async () => {
    const reply = await values.send("GET", `/v1/values?${"inner.".repeat(5000)}stringValue=a`);
    assert.deepEqual([reply.status, errorInfoOf(reply).reason], [400, "INVALID_PARAMETER"]);
  });

  it("22: what is written as a query is read as it was", async () => {
    const text = fc.string({ unit: "grapheme" }).filter((one) => one.isWellFormed());
    const record = fc.record(
      {
        stringValue: text,
        int32Value: fc.integer(),
        int64Value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
        doubleValue: fc.double({ noDefaultInfinity: true, noNaN: true }).map((one) => one || 0),
        boolValue: fc.boolean(),
        strings: fc.array(text, { minLength: 1 }),
        labels: fc.dictionary(text, text, { minKeys: 1 }),
      },
      { requiredKeys: [] },
    );
    const plain = transcoderFixture(["ValueService"], { json: { alwaysEmitImplicit: true } });
    await fc.assert(
      fc.asyncProperty(record, async (value) => {
        const reply = await plain.send("GET", `/v1/values?${queryOf(value)}`);
        const { json } = reply as { json: Record<string, JsonValue> };
        for (const [name, one] of Object.entries(value)) {
          assert.deepEqual(json[name], name === "labels" ? { ...(one as object) } : one, name);
        }
      }),
    );
  });
});

function queryOf(value: Record<string, unknown>): string {
  const e = encodeURIComponent;
  return Object.entries(value)
    .flatMap(([name, one]) => {
      if (Array.isArray(one)) return one.map((item) => `${name}=${e(item)}`);
      if (typeof one !== "object" || one === null) return `${name}=${e(String(one))}`;
      return Object.entries(one).map(([key, item]) => `${e(`${name}[${key}]`)}=${e(item)}`);
    })
    .join("&");
}

describe("query parameters with a path and a body", () => {
  it("24: a field that the path fills is no parameter", async () => {
    const reply = await values.send("GET", "/v1/string/x?stringValue=y");
    assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_PARAMETER", fields: ["stringValue"] });
    const same = await values.send("GET", "/v1/string/x?string_value=x");
    assert.equal(same.status, 400);
  });

  it("24: another field of the same message is one", async () => {
    await values.send("GET", "/v1/inner/x?inner.inner.int32Value=1");
    assert.deepEqual(values.lastCall().json, {
      inner: { inner: { stringValue: "x", int32Value: 1 } },
    });
  });

  it("24: a field that the body fills is no parameter, nor what is below it", async () => {
    for (const name of ["inner.stringValue", "inner.inner.stringValue", "inner.labels[a]"]) {
      const reply = await values.send("POST", `/v1/values:inner?${name}=y`, { body: "{}" });
      assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_PARAMETER", fields: [name] });
    }
    await values.send("POST", "/v1/values:inner?stringValue=y", { body: '{"stringValue":"x"}' });
    assert.deepEqual(values.lastCall().json, { stringValue: "y", inner: { stringValue: "x" } });
  });

  it("24: nor is another member of a oneof that the path or the body fills", async () => {
    const inPath = await values.send("PUT", "/v1/values/a/b?count=1", { body: "{}" });
    assert.deepEqual(errorInfoOf(inPath), { reason: "UNKNOWN_PARAMETER", fields: ["count"] });
    const inBody = await values.send("POST", "/v1/values:word?count=1", { body: '"w"' });
    assert.deepEqual(errorInfoOf(inBody), { reason: "UNKNOWN_PARAMETER", fields: ["count"] });
  });

  it("24: the path wins over the body", async () => {
    const body = '{"stringValue":"from body","int32Value":1}';
    await values.send("PUT", "/v1/values/from%20path/w", { body });
    const inner = { stringValue: "from path", int32Value: 1 };
    assert.deepEqual(values.lastCall().json, { word: "w", inner });
  });

  it('25: with body "*" nothing is left for the query', async () => {
    const reply = await values.send("POST", "/v1/values?strings=b", { body: '{"strings":["a"]}' });
    assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_PARAMETER", fields: ["strings"] });
  });

  it("25: a repeated field is filled by the body or by the query, never by both", async () => {
    const reply = await values.send("POST", "/v1/values:strings?strings=b", { body: '["a"]' });
    assert.deepEqual(errorInfoOf(reply), { reason: "UNKNOWN_PARAMETER", fields: ["strings"] });
  });

  it("26: listed names are ignored, whatever their value", async () => {
    const { send, calls } = transcoderFixture(["ValueService"], {
      ignoredQueryParameters: ["$alt", "utm_source"],
    });
    await send("GET", "/v1/values?$alt=json&utm_source=a&utm_source=b&bool_value=true");
    assert.deepEqual(calls[0]?.json, { boolValue: true });
    assert.equal((await send("GET", "/v1/values?utm_medium=a")).status, 400);
  });

  it("27: a plus stays a plus on request", async () => {
    const { send, calls } = transcoderFixture(["ValueService"], { plusIsSpace: false });
    await send("GET", "/v1/values?string_value=a+b%20c");
    assert.deepEqual(calls[0]?.json, { stringValue: "a+b c" });
  });
});
