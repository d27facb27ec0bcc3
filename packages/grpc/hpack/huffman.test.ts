import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackError } from "./hpack-error.ts";
import { decodeHuffman, encodeHuffman, huffmanLength } from "./huffman.ts";
import { huffmanCodeLengths, huffmanCodes } from "./huffman-code.ts";

function decode(bytes: Uint8Array): string {
  const out = Buffer.alloc(Math.ceil((bytes.length * 8) / 5));
  return out.toString("latin1", 0, decodeHuffman(bytes, 0, bytes.length, out));
}

function encode(text: string): Buffer {
  const out = Buffer.alloc(huffmanLength(text) + 8);
  return out.subarray(0, encodeHuffman(text, out, 0));
}

/** Bits of codes one after the other, and ones up to a whole octet. */
function pack(...parts: string[]): Buffer {
  const bits = parts.join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Buffer.from((padded.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}

function codeOf(symbol: number): string {
  return (huffmanCodes[symbol] ?? 0).toString(2).padStart(huffmanCodeLengths[symbol] ?? 0, "0");
}

describe("the Huffman code", () => {
  // The first and the last code of appendix B of several lengths.
  const samples: [symbol: number, code: number, length: number][] = [
    [48, 0x0, 5],
    [116, 0x9, 5],
    [32, 0x14, 6],
    [90, 0xfd, 8],
    [33, 0x3f8, 10],
    [0, 0x1ff8, 13],
    [123, 0x7ffe, 15],
    [92, 0x7fff0, 19],
    [1, 0x7fffd8, 23],
    [255, 0x3ffffee, 26],
    [2, 0xfffffe2, 28],
    [22, 0x3ffffffe, 30],
    [256, 0x3fffffff, 30],
  ];
  for (const [symbol, code, length] of samples) {
    it(`is that of RFC 7541, appendix B, for symbol ${symbol}`, () => {
      assert.deepEqual([huffmanCodes[symbol], huffmanCodeLengths[symbol]], [code, length]);
    });
  }

  const strings: [text: string, hex: string][] = [
    ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
    ["no-cache", "a8eb10649cbf"],
    ["302", "6402"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
  ];
  for (const [text, hex] of strings) {
    it(`writes and reads "${text}" as RFC 7541, appendix C, does`, () => {
      assert.equal(encode(text).toString("hex"), hex);
      assert.equal(decode(Buffer.from(hex, "hex")), text);
    });
  }

  it("round-trips every octet, alone and among others, in the announced length", () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    assert.equal(decode(encode(all)), all);
    for (const octet of all) assert.equal(decode(encode(octet)), octet);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        assert.equal(encode(text).length, huffmanLength(text));
        assert.equal(decode(encode(text)), text);
      }),
    );
  });

  const malformed: [name: string, bytes: Buffer, message: RegExp][] = [
    ["an octet of padding alone", pack("11111111"), /more than 7 bits without a symbol/],
    ["8 bits of padding", pack(codeOf(0x58), "11111111"), /more than 7 bits without/],
    ["padding of zeros", pack(codeOf(0x61), "000"), /not all ones/],
    ["padding with a zero at its end", pack(codeOf(0x61), "110"), /not all ones/],
    ["the end of string", pack(codeOf(256)), /end-of-string symbol/],
    ["the end of string between symbols", pack(codeOf(0), codeOf(256), codeOf(0x61)), /end-of-s/],
    ["an end inside a long symbol", pack(codeOf(10).slice(0, 24)), /without a symbol/],
  ];
  for (const [name, bytes, message] of malformed) {
    it(`RFC 7541, 5.2: refuses ${name}`, () => {
      assert.throws(() => decode(bytes), HpackError);
      assert.throws(() => decode(bytes), message);
    });
  }

  it("accepts padding of zero to seven bits", () => {
    // The code of "a" has five bits, so one to eight of them leave each remainder of an octet once.
    for (let count = 0; count <= 8; count++) {
      const bytes = pack(codeOf(0x61).repeat(count));
      assert.equal(decode(bytes), "a".repeat(count));
    }
  });
});
