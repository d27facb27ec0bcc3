import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder, maxEncodedBytes } from "./encoder.ts";
import type { HeaderFields } from "./header-fields.ts";
import { HpackError } from "./hpack-error.ts";
import { writeShortestString } from "./strings.ts";

const entryA = "40 01 61 01 41";
const entryB = "40 01 62 01 42";

function decoderWith(options: { maxTableSize?: number; maxListSize?: number } = {}): HpackDecoder {
  return new HpackDecoder({ maxTableSize: 4096, maxListSize: 16_384, ...options });
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

/** A literal with indexing of a name of one letter and a value of `length` letters. */
function entryOf(length: number): Buffer {
  const value = Buffer.alloc(length, "v");
  const prefix = length - 127;
  const size = [0x7f, (prefix & 0x7f) | 0x80, prefix >>> 7];
  return Buffer.concat([Buffer.from([0x40, 1, 0x6e, ...size]), value]);
}

describe("HpackDecoder", () => {
  const malformed: [name: string, hex: string, message: RegExp][] = [
    ["2.3.3: an index beyond the static table", "be", /Index 62 is beyond the 61 entries/],
    ["2.3.3: an index beyond the dynamic table", `${entryA} bf`, /Index 63 is beyond the 62/],
    ["2.3.3: the name of no entry, with indexing", "7f 00 01 41", /Index 63 is beyond/],
    ["2.3.3: the name of no entry, without indexing", "0f 2f 01 41", /Index 62 is beyond/],
    ["2.3.3: the name of no entry, never indexed", "1f 2f 01 41", /Index 62 is beyond/],
    ["4.2: a size update after a field", "82 20", /resized after the first field .*4\.2/],
    ["4.2: a size update between fields", "82 3f e1 1f 84", /resized after the first field/],
    ["5.1: an index that overflows", "ff ff ff ff ff 7f", /2\^28 or more .*5\.1/],
    ["5.1: an index of too many octets", "ff 80 80 80 80 80 00", /more than six octets/],
    ["5.1: a block that ends in an index", "ff", /ends inside an integer/],
    ["5.1: a block that ends before a name", "40", /ends inside an integer/],
    ["5.1: a block that ends before a value", "40 01 61", /ends inside an integer/],
    ["5.1: a block that ends in a size update", "3f e1", /ends inside an integer/],
    ["5.2: a block that ends in a name", "40 0a 61", /string of 10 bytes has 1 left .*5\.2/],
    ["5.2: a block that ends in a value", "44 05 2f", /string of 5 bytes has 1 left/],
    ["5.2: a string longer than any block", "44 7f ff ff ff 7e", /string of 266338430 bytes has 0/],
    ["5.2: Huffman code with 8 bits of padding", "44 82 fc ff", /more than 7 bits .*5\.2/],
    ["5.2: Huffman code padded with zeros", "44 81 18", /not all ones .*5\.2/],
    ["5.2: Huffman code with an end of string", "44 84 ff ff ff ff", /end-of-string .*5\.2/],
    ["5.2: malformed Huffman code in a name", "40 81 18 01 41", /not all ones/],
    ["6.1: index 0", "80", /index 0 .*6\.1/],
    ["6.3: a size above the limit", "3f e2 1f", /4097 bytes, above its limit of 4096 .*6\.3/],
  ];
  for (const [name, hex, message] of malformed) {
    it(`refuses what breaks RFC 7541, ${name}`, () => {
      assert.throws(() => decoderWith().decode(bytes(hex)), HpackError);
      assert.throws(() => decoderWith().decode(bytes(hex)), message);
    });
  }

  it("finds malformed Huffman code also past the largest list", () => {
    const decoder = decoderWith({ maxListSize: 10 });
    assert.throws(() => decoder.decode(bytes("82 04 81 18")), HpackError);
  });

  it("accepts an empty block, and a Uint8Array", () => {
    const decoder = decoderWith();
    assert.deepEqual(decoder.decode(new Uint8Array()), []);
    const framed = new Uint8Array([0, 0x82, 0x04, 1, 0x2f, 0]);
    assert.deepEqual(decoder.decode(framed.subarray(1, 5)), [":method", "GET", ":path", "/"]);
  });

  it("decodes each byte to one character", () => {
    const fields = decoderWith().decode(bytes("00 01 ff 03 00 80 e9"));
    assert.deepEqual(fields, ["\u00ff", "\u0000\u0080\u00e9"]);
  });

  it("reads a string in Huffman code of any length", () => {
    const text = "a".repeat(100_000);
    const out = Buffer.alloc(maxEncodedBytes([text]));
    const string = out.subarray(0, writeShortestString(text, out, 0));
    assert.equal(string.length, 62_504);
    const decoder = decoderWith({ maxListSize: 200_000 });
    assert.deepEqual(decoder.decode(Buffer.concat([bytes("04"), string])), [":path", text]);
  });

  it("resizes the table at the beginning of a block, more than once, and evicts", () => {
    const decoder = decoderWith();
    decoder.decode(bytes(`${entryA} ${entryB}`));
    assert.deepEqual(decoder.decode(bytes("3f 03 be")), ["b", "B"]);
    assert.equal(decoder.table.length, 1);
    decoder.decode(bytes("20 3f e1 1f 82"));
    assert.deepEqual([decoder.table.length, decoder.table.size], [0, 0]);
    decoder.decode(bytes(entryA));
    assert.equal(decoder.table.size, 34);
  });

  it("empties the table for an entry that is larger than all of it", () => {
    const decoder = decoderWith({ maxTableSize: 100 });
    decoder.decode(bytes(`${entryA} ${entryB}`));
    assert.equal(decoder.decode(entryOf(200))?.[1]?.length, 200);
    assert.deepEqual([decoder.table.length, decoder.table.size], [0, 0]);
  });

  it("uses the name of an entry that the new one evicts", () => {
    const decoder = decoderWith({ maxTableSize: 34 });
    decoder.decode(bytes(entryA));
    assert.deepEqual(decoder.decode(bytes("7e 01 5a")), ["a", "Z"]);
    assert.deepEqual([decoder.table.name(0), decoder.table.value(0)], ["a", "Z"]);
    assert.equal(decoder.table.length, 1);
  });

  it("returns undefined for a list above the limit, and keeps the table in sync", () => {
    const decoder = decoderWith({ maxListSize: 100 });
    assert.equal(decoder.decode(bytes(`82 82 82 00 01 61 01 41 ${entryB}`)), undefined);
    assert.deepEqual(decoder.decode(bytes("be")), ["b", "B"]);
  });

  it("counts a list as RFC 9113 does in section 6.5.2", () => {
    assert.deepEqual(decoderWith({ maxListSize: 42 }).decode(bytes("82")), [":method", "GET"]);
    assert.equal(decoderWith({ maxListSize: 41 }).decode(bytes("82")), undefined);
  });

  it("spends memory by the block, not by what its references add up to", () => {
    const decoder = decoderWith({ maxListSize: Number.POSITIVE_INFINITY });
    decoder.decode(entryOf(4000));
    const before = process.memoryUsage();
    const fields = decoder.decode(Buffer.alloc(16_384, 0xbe));
    const after = process.memoryUsage();
    assert.equal(fields?.length, 2 * 16_384);
    // Spelt out, the values are 64 MB.
    assert.ok(after.heapUsed - before.heapUsed < 8_000_000);
    assert.ok(after.external - before.external < 8_000_000);
  });

  it("refuses an HPACK bomb by its list size", () => {
    const decoder = decoderWith();
    decoder.decode(entryOf(4000));
    assert.equal(decoder.decode(Buffer.alloc(16_384, 0xbe)), undefined);
  });

  it("throws nothing but an HpackError on random bytes, and keeps its table within the limit", () => {
    const decoded = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 });
    fc.assert(
      fc.property(decoded, (blocks) => {
        const decoder = decoderWith({ maxTableSize: 200 });
        decodeUntilError(decoder, blocks);
        assert.ok(decoder.table.size <= 200);
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but an HpackError on blocks with a byte changed", () => {
    const fields = [":method", "POST", "grpc-timeout", "5S", "user-agent", "é~", "te", "trailers"];
    const change = fc.record({ at: fc.nat(200), octet: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const encoder = new HpackEncoder();
        const blocks = changes.map(({ at, octet }) => {
          const out = Buffer.alloc(maxEncodedBytes(fields));
          const block = out.subarray(0, encoder.encode(fields, out, 0));
          block[at % block.length] = octet;
          return block;
        });
        decodeUntilError(decoderWith(), blocks);
      }),
      { numRuns: 500 },
    );
  });
});

function decodeUntilError(decoder: HpackDecoder, blocks: readonly Uint8Array[]): void {
  try {
    for (const block of blocks) decoder.decode(block);
  } catch (error) {
    if (!(error instanceof HpackError)) throw error;
  }
}

describe("the block cache of HpackDecoder", () => {
  /** Decodes a block so often that it is remembered, even if it resizes the table at first. */
  function settle(decoder: HpackDecoder, block: Uint8Array): HeaderFields | undefined {
    for (let i = 0; i < 2; i++) decoder.decode(block);
    return decoder.decode(block);
  }

  it("returns the same array for a repeated block", () => {
    const decoder = decoderWith();
    decoder.decode(bytes(entryA));
    const first = settle(decoder, bytes("82 be"));
    assert.deepEqual(first, [":method", "GET", "a", "A"]);
    assert.equal(decoder.decode(bytes("82 be")), first);
    assert.notEqual(decoder.decode(bytes("83 be")), first);
  });

  it("decodes a block anew after an entry was added", () => {
    const decoder = decoderWith();
    decoder.decode(bytes(entryA));
    settle(decoder, bytes("be"));
    decoder.decode(bytes(entryB));
    assert.deepEqual(decoder.decode(bytes("be")), ["b", "B"]);
  });

  it("decodes a block anew after the table was resized, even where nothing was evicted", () => {
    const decoder = decoderWith();
    settle(decoder, bytes("3f 03 82"));
    decoder.decode(bytes("3f e1 1f"));
    decoder.decode(bytes("3f 03 82"));
    decoder.decode(bytes(`${entryA} ${entryB}`));
    assert.equal(decoder.table.length, 1);
  });

  it("refuses a block whose entry was evicted", () => {
    const decoder = decoderWith();
    decoder.decode(bytes(entryA));
    settle(decoder, bytes("be"));
    decoder.decode(bytes("20"));
    assert.throws(() => decoder.decode(bytes("be")), HpackError);
  });

  it("refuses a block whose entry was evicted for one that is larger than the table", () => {
    const decoder = decoderWith({ maxTableSize: 100 });
    decoder.decode(bytes(entryA));
    settle(decoder, bytes("be"));
    decoder.decode(entryOf(200));
    assert.throws(() => decoder.decode(bytes("be")), HpackError);
  });

  it("tells blocks of the same hash apart", () => {
    const decoder = decoderWith();
    // 31 * 0x61 + 0x60 = 31 * 0x60 + 0x7f
    assert.deepEqual(settle(decoder, bytes("04 02 61 60")), [":path", "a`"]);
    assert.deepEqual(settle(decoder, bytes("04 02 60 7f")), [":path", "`\u007f"]);
  });

  it("decodes more blocks than it caches, and one longer than it caches", () => {
    const decoder = decoderWith();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 200; i++) {
        const block = Buffer.from([0x04, 2, 0x2f, i]);
        assert.deepEqual(settle(decoder, block), [":path", `/${String.fromCharCode(i)}`]);
      }
    }
    const long = Buffer.alloc(300, 0x82);
    assert.equal(settle(decoder, long)?.length, 600);
  });
});
