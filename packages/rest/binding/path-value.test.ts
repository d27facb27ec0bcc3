import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { errorInfoOf, transcoderFixture } from "../testing/contract.ts";

const values = transcoderFixture(["ValueService"]);

async function inPath(path: string): Promise<JsonValue | undefined> {
  const reply = await values.send("GET", path);
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  return values.lastCall().json;
}

describe("path values", () => {
  it("18: a single-segment variable decodes every escape", async () => {
    for (let code = 1; code < 0x80; code++) {
      const hex = code.toString(16).padStart(2, "0");
      for (const spelling of [hex, hex.toUpperCase()]) {
        const stringValue = String.fromCharCode(code);
        assert.deepEqual(await inPath(`/v1/string/%${spelling}`), { stringValue });
      }
    }
  });

  it("18: a slash may be in it, escaped", async () => {
    assert.deepEqual(await inPath("/v1/string/p%20q%2Fr"), { stringValue: "p q/r" });
    assert.deepEqual(await inPath("/v1/string/a%252Fb"), { stringValue: "a%2Fb" });
  });

  it("18: a plus stays a plus", async () => {
    assert.deepEqual(await inPath("/v1/string/a+b%2B"), { stringValue: "a+b+" });
  });

  it("18: a colon, an @ and UTF-8 need no escape to survive", async () => {
    assert.deepEqual(await inPath("/v1/string/a:b@%C3%A9"), { stringValue: "a:b@é" });
  });

  it("19: a multi-segment variable decodes all but %2F", async () => {
    const stringValue = "p/foo foo/q/bar%2Fbar%2f!#";
    assert.deepEqual(await inPath("/v1/pair/p/foo%20foo/q/bar%2Fbar%2f%21%23/end"), {
      stringValue,
    });
    assert.deepEqual(await inPath("/v1/many/a%20b/c%2Fd+"), { stringValue: "a b/c%2Fd+" });
    assert.deepEqual(await inPath("/v1/many/a%252Fb"), { stringValue: "a%2Fb" });
  });

  it("19: ** may cover nothing", async () => {
    assert.deepEqual(await inPath("/v1/many"), {});
  });

  for (const path of [
    "/v1/string/%",
    "/v1/string/%zz",
    "/v1/string/%ff",
    "/v1/many/a/%2",
    "/v1/many/%e9/b",
  ]) {
    it(`20: an invalid escape is 400: ${path}`, async () => {
      const reply = await values.send("GET", path);
      assert.equal(reply.status, 400);
      assert.deepEqual(errorInfoOf(reply), {
        reason: "INVALID_PATH_PARAMETER",
        fields: ["string_value"],
      });
    });
  }

  it("20: a path is answered whatever it is", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("%", "2", "f", "F", "/", ":") }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (rest) => {
        const { status } = await values.send("GET", `/v1/string/${rest}`);
        return [200, 400, 404].includes(status);
      }),
    );
  });
});

const accepted: [path: string, json: JsonValue][] = [
  ["/v1/int64/-9223372036854775808", { int64Value: "-9223372036854775808" }],
  ["/v1/bool/true", { boolValue: true }],
  ["/v1/kind/KIND_MAP", { kind: "KIND_MAP" }],
  ["/v1/kind/1", { kind: "KIND_BOOK" }],
  ["/v1/bytes/-_8", { bytesValue: "+/8=" }],
  ["/v1/bytes/%2B%2F8%3D", { bytesValue: "+/8=" }],
  ["/v1/timestamp/2026-01-31T09:30:00.5Z", { timestamp: "2026-01-31T09:30:00.500Z" }],
  ["/v1/wrapper/0", { wrappedInt64: "0" }],
  ["/v1/optional/x", { optionalString: "x" }],
  ["/v1/inner/x", { inner: { inner: { stringValue: "x" } } }],
];

const refused: [path: string, field: string][] = [
  ["/v1/int64/9223372036854775808", "int64_value"],
  ["/v1/int64/1.5", "int64_value"],
  ["/v1/int64/0x10", "int64_value"],
  ["/v1/bool/1", "bool_value"],
  ["/v1/bool/True", "bool_value"],
  ["/v1/kind/KIND_NONE", "kind"],
  ["/v1/kind/77", "kind"],
  ["/v1/bytes/a%20b", "bytes_value"],
  ["/v1/timestamp/yesterday", "timestamp"],
  ["/v1/timestamp/2026-13-31T09:30:00Z", "timestamp"],
  ["/v1/wrapper/x", "wrapped_int64"],
];

describe("types in the path", () => {
  for (const [path, json] of accepted) {
    it(`21: ${path}`, async () => assert.deepEqual(await inPath(path), json));
  }
  for (const [path, field] of refused) {
    it(`21: ${path} is 400`, async () => {
      const reply = await values.send("GET", path);
      assert.equal(reply.status, 400);
      assert.deepEqual(errorInfoOf(reply), { reason: "INVALID_PATH_PARAMETER", fields: [field] });
    });
  }
});
