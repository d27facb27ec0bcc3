import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackError } from "./hpack-error.ts";
import { readInteger, writeInteger } from "./integers.ts";

function read(hex: string, prefixBits: number): { value: number; at: number } {
  const reader = { bytes: Buffer.from(hex, "hex"), at: 0 };
  const value = readInteger(reader, prefixBits);
  return { value, at: reader.at };
}

describe("readInteger and writeInteger", () => {
  const examples: [
    name: string,
    value: number,
    prefixBits: number,
    pattern: number,
    hex: string,
  ][] = [
    ["C.1.1: 10 in a prefix of 5 bits", 10, 5, 0xe0, "ea"],
    ["C.1.2: 1337 in a prefix of 5 bits", 1337, 5, 0xe0, "ff9a0a"],
    ["C.1.3: 42 in an octet of its own", 42, 8, 0, "2a"],
    ["the largest that fits the prefix", 30, 5, 0, "1e"],
    ["the smallest that does not", 31, 5, 0, "1f00"],
    ["the first with two octets behind the prefix", 31 + 128, 5, 0, "1f8001"],
  ];
  for (const [name, value, prefixBits, pattern, hex] of examples) {
    it(`RFC 7541, 5.1: ${name}`, () => {
      assert.deepEqual(read(hex, prefixBits), { value, at: hex.length / 2 });
      const out = Buffer.alloc(8);
      const end = writeInteger(out, 0, pattern, prefixBits, value);
      assert.equal(out.toString("hex", 0, end), hex);
    });
  }

  it("read what they wrote, and end where it ended", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 28 - 1), fc.integer({ min: 1, max: 8 }), (value, prefixBits) => {
        const out = Buffer.alloc(8);
        const end = writeInteger(out, 0, 0, prefixBits, value);
        assert.deepEqual(read(out.toString("hex"), prefixBits), { value, at: end });
      }),
    );
  });

  it("accepts trailing zeros, within six octets", () => {
    assert.equal(read("1f8080808000", 5).value, 31);
  });

  const malformed: [name: string, hex: string, message: RegExp][] = [
    ["no octet at all", "", /ends inside an integer \(RFC 7541, 5\.1\)/],
    ["an end after the prefix", "1f", /ends inside an integer/],
    ["an end before the last octet", "1f9a", /ends inside an integer/],
    ["2^28", "1f8080808001", /2\^28 or more/],
    ["a value beyond 32 bits", "1fffffffff7f", /2\^28 or more/],
    ["zeros without end", "1f808080808000", /more than six octets/],
  ];
  for (const [name, hex, message] of malformed) {
    it(`RFC 7541, 5.1: refuses ${name}`, () => {
      assert.throws(() => read(hex, 5), HpackError);
      assert.throws(() => read(hex, 5), message);
    });
  }
});
