import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { excerptOf } from "./excerpt.ts";

describe("excerptOf", () => {
  const cases: [string, string][] = [
    ["plain words", "plain words"],
    ["two\nlines\n\nand a paragraph", "two lines and a paragraph"],
    ["# Heading\n\ntext\n##\nmore #1", "text more #1"],
    ["Heading\n=======\ntext\n\n---\nmore", "Heading text more"],
    ["**bold**, *italic*, ~~gone~~ and `code`", "bold, italic, gone and code"],
    ["_so_ __much__ snake_case_here", "so much snake_case_here"],
    ["2 * 3, 5 - 1 and ~4", "2 * 3, 5 - 1 and ~4"],
    ["a [link](https://example.org/a_b) and [**two**](b)", "a link and two"],
    ["a [bracket] and ![a picture](p.png)", "a [bracket] and a picture"],
    ["see <https://example.org/a_b>", "see https://example.org/a_b"],
    ["> quoted\n> > twice\n>- an item", "quoted twice • an item"],
    ["- one\n* two\n+ three\n1. four\n2) five", "• one • two • three 1. four 2) five"],
    ["- [ ] open\n- [x] done", "• open • done"],
    ["this | that\n\n| a | b |\n|---|:-:|\n| 1 | 2 |", "this | that"],
    ["before\n```ts\nconst x = 1;\n```\nafter", "before after"],
    ["before\n~~~\nnever closed", "before"],
    ["<b>bold</b> <!-- hidden --> 1 < 2", "bold 1 < 2"],
    [String.raw`\*not italic\* and \# not a heading`, "*not italic* and # not a heading"],
    ["", ""],
  ];
  for (const [markdown, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(markdown)}`, () => {
      assert.equal(excerptOf(markdown), expected);
    });
  }

  it("keeps 280 characters whole and cuts longer texts between words", () => {
    const fits = `${"word ".repeat(55)}fives`;
    assert.equal(fits.length, 280);
    assert.equal(excerptOf(fits), fits);
    assert.equal(excerptOf(`${fits}!`), `${"word ".repeat(55).trim()}…`);
  });

  it("cuts a text without spaces between characters", () => {
    assert.equal(excerptOf("字".repeat(300)), `${"字".repeat(279)}…`);
    assert.equal(excerptOf("😀".repeat(300)), `${"😀".repeat(139)}…`);
  });

  it("is one line of at most 280 characters for any text", () => {
    const markdown = fc.array(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom(
          "```",
          "\n",
          "[",
          "](",
          ")",
          "<",
          "_",
          "*",
          "\\",
          "> ",
          "| ",
          "#",
          "w".repeat(99),
        ),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(markdown, (parts) => {
        const excerpt = excerptOf(parts.join(""));
        assert.ok(excerpt.length <= 280);
        assert.ok(excerpt.isWellFormed() || !parts.join("").isWellFormed());
        assert.doesNotMatch(excerpt, /[\n\r\t]/);
      }),
    );
  });

  it("handles texts made for catastrophic backtracking", () => {
    for (const unit of [
      "[",
      "](",
      "<",
      "_",
      "*",
      "`",
      "\\",
      "> ",
      "|",
      "<a",
      "[a](",
      "```\n",
      " ",
    ]) {
      assert.ok(excerptOf(`${unit.repeat(20_000 / unit.length)}a`).length <= 280);
    }
  });
});
