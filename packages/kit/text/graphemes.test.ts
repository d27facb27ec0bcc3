import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countCharacters, firstGraphemes, truncate } from "./graphemes.ts";

const family = "👨‍👩‍👧‍👦";

describe("countCharacters", () => {
  for (const text of ["", "abc", "😀", family, "e\u0301", "\ud83d", "\ude00\ud83d"]) {
    it(`counts the code points of ${JSON.stringify(text)}`, () => {
      assert.equal(countCharacters(text), [...text].length);
    });
  }
});

describe("firstGraphemes", () => {
  for (const [text, count, expected] of [
    [`${family}bc`, 1, family],
    ["e\u0301te\u0301", 1, "e\u0301"],
    ["🇨🇭🇦🇹", 1, "🇨🇭"],
    ["निल", 1, "नि"],
    ["\r\nx", 1, "\r\n"],
    ["abc", 5, "abc"],
    ["abc", 2, "ab"],
    ["abe\u0301", 3, "abe\u0301"],
    ["ab\r\nc", 3, "ab\r\n"],
    ["", 1, ""],
  ] as const) {
    it(`is ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      assert.equal(firstGraphemes(text, count), expected);
    });
  }
});

describe("truncate", () => {
  it("keeps what fits as readers count", () => {
    assert.equal(truncate(family.repeat(10), 10), family.repeat(10));
  });

  it("cuts between words, and drops the punctuation before the ellipsis", () => {
    assert.equal(truncate("one two, three", 10), "one two…");
  });

  it("cuts a text without spaces between characters", () => {
    assert.equal(truncate(family.repeat(11), 10), `${family.repeat(9)}…`);
  });
});
