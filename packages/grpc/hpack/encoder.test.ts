import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder, maxEncodedBytes } from "./encoder.ts";
import type { HeaderFields } from "./header-fields.ts";

function encode(encoder: HpackEncoder, fields: HeaderFields): Buffer {
  const out = Buffer.alloc(maxEncodedBytes(fields) + 3);
  const end = encoder.encode(fields, out, 3);
  assert.ok(end - 3 <= maxEncodedBytes(fields));
  return out.subarray(3, end);
}

function hexOf(encoder: HpackEncoder, fields: HeaderFields): string {
  return encode(encoder, fields).toString("hex");
}

function decoder(): HpackDecoder {
  return new HpackDecoder({ maxTableSize: 4096, maxListSize: Number.POSITIVE_INFINITY });
}

/** The encoder after `fields` were sent so often that all that can have an index has one. */
function settled(fields: HeaderFields): HpackEncoder {
  const encoder = new HpackEncoder();
  for (let i = 0; i < 2; i++) encode(encoder, fields);
  return encoder;
}

describe("HpackEncoder", () => {
  it("sends a field of the static table by its index", () => {
    assert.equal(hexOf(new HpackEncoder(), [":method", "POST", ":status", "200"]), "8388");
  });

  it("puts a field into the table when it is sent again, and then sends its index", () => {
    const encoder = new HpackEncoder();
    assert.equal(hexOf(encoder, ["x", "value"]), "0001780576616c7565");
    assert.equal(hexOf(encoder, ["x", "value"]), "40017884ee3a2d2f");
    assert.equal(hexOf(encoder, ["x", "value"]), "be");
  });

  it("keeps a field that never repeats out of the table", () => {
    const encoder = new HpackEncoder();
    const peer = decoder();
    for (let i = 0; i < 500; i++) {
      const fields = ["x-request-id", `4bf92f35-77b3-4da6-${i}`];
      assert.deepEqual(peer.decode(encode(encoder, fields)), fields);
    }
    assert.ok(peer.table.length < 20, `${peer.table.length} entries`);
  });

  it("sends all fields of a repeated call by index", () => {
    const fields = [
      ...[":method", "POST", ":scheme", "https", ":path", "/a.B/C", ":authority", "host:1"],
      ...["content-type", "application/grpc", "te", "trailers", "user-agent", "agent/1"],
    ];
    assert.equal(encode(settled(fields), fields).length, 7);
  });

  it("sends values that keep changing as literals, by the index of their name", () => {
    const encoder = new HpackEncoder();
    encode(encoder, ["grpc-timeout", "1S"]);
    const peer = decoder();
    assert.equal(hexOf(encoder, ["grpc-timeout", "2S"]), "0f2f023253");
    assert.equal(hexOf(encoder, ["grpc-timeout", "2S"]), "0f2f023253");
    assert.equal(hexOf(encoder, ["date", "x"]), "0f120178");
    assert.equal(peer.table.length, 0);
  });

  for (const name of ["authorization", "proxy-authorization", "cookie", "set-cookie"]) {
    it(`RFC 7541, 7.1.3: never indexes ${name}`, () => {
      const encoder = settled([name, "secret"]);
      const block = encode(encoder, [name, "secret"]);
      assert.equal((block[0] ?? 0) & 0xf0, 0x10);
      const peer = decoder();
      assert.deepEqual(peer.decode(block), [name, "secret"]);
      assert.equal(peer.table.length, 0);
    });
  }

  it("does not index an entry above a quarter of the table", () => {
    const peer = decoder();
    const large = ["n", "v".repeat(1024 - 32)];
    const fitting = ["n", "v".repeat(1024 - 33)];
    const encoder = new HpackEncoder();
    for (let i = 0; i < 3; i++) assert.deepEqual(peer.decode(encode(encoder, large)), large);
    assert.equal(peer.table.length, 0);
    for (let i = 0; i < 3; i++) assert.deepEqual(peer.decode(encode(encoder, fitting)), fitting);
    assert.equal(peer.table.size, 1024);
  });

  it("sends the low eight bits of a character", () => {
    for (const length of [1, 100]) {
      const fields = ["n", "\u0141".repeat(length)];
      const block = encode(new HpackEncoder(), fields);
      assert.deepEqual(decoder().decode(block), ["n", "A".repeat(length)]);
    }
  });

  it("writes at the given offset, and nothing before", () => {
    const out = Buffer.alloc(10, 0xaa);
    assert.equal(new HpackEncoder().encode([":method", "GET"], out, 4), 5);
    assert.equal(out.toString("hex"), "aaaaaaaa82aaaaaaaaaa");
  });

  const sizes: [name: string, sizes: readonly number[], hex: string][] = [
    ["nothing while the size stays", [4096], ""],
    ["nothing for more than it uses", [65_536], ""],
    ["a smaller size", [100], "3f45"],
    ["only the last of falling sizes", [200, 100], "3f45"],
    ["the lowest and then the final size", [0, 100], "203f45"],
    ["the lowest, and the old one again", [0, 4096], "203fe11f"],
    ["its own largest for more than that", [0, 100_000], "203fe11f"],
  ];
  for (const [name, settings, hex] of sizes) {
    it(`RFC 7541, 4.2: announces ${name}`, () => {
      const encoder = new HpackEncoder();
      for (const size of settings) encoder.setMaxTableSize(size);
      assert.equal(hexOf(encoder, [":method", "GET"]), `${hex}82`);
      assert.equal(hexOf(encoder, [":method", "GET"]), "82");
    });
  }

  it("does not refer to what a smaller table evicts", () => {
    const encoder = settled(["x", "value"]);
    encoder.setMaxTableSize(0);
    encoder.setMaxTableSize(4096);
    const peer = decoder();
    assert.deepEqual(peer.decode(encode(encoder, ["x", "value"])), ["x", "value"]);
  });
});

describe("HpackEncoder and HpackDecoder", () => {
  const latin1 = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  const names = [
    ":method",
    ":path",
    "grpc-timeout",
    "traceparent",
    "cookie",
    "date",
    "a",
    "b",
    "x-c",
  ];
  const name = fc.oneof(fc.constantFrom(...names), latin1);
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "GET",
      "/",
      "0",
      "1",
      "two",
      "v".repeat(300),
      "é".repeat(900),
      "w".repeat(2000),
    ),
    latin1,
  );
  const list = fc.array(fc.tuple(name, value), { maxLength: 12 }).map((fields) => fields.flat());
  const sizes = fc.array(fc.oneof(fc.constantFrom(0, 4096, 100_000), fc.nat(600)), {
    maxLength: 3,
  });
  const blocks = fc.array(fc.record({ list, sizes, times: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 30,
  });

  it("agree on every list, whatever came before and however the table is resized", () => {
    fc.assert(
      fc.property(blocks, (sequence) => {
        const encoder = new HpackEncoder();
        const peer = decoder();
        for (const step of sequence) {
          for (const size of step.sizes) encoder.setMaxTableSize(size);
          for (let i = 0; i < step.times; i++) {
            assert.deepEqual(peer.decode(encode(encoder, step.list)), step.list);
          }
          const limit = step.sizes.at(-1);
          if (limit !== undefined) assert.equal(peer.table.maxSize, Math.min(limit, 4096));
        }
      }),
      { numRuns: 200 },
    );
  });
});
