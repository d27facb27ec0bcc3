import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMarkdown } from "@plaza/kit/text/markdown";
import fc from "fast-check";
import { excerptOf as excerptOfNodes } from "./excerpt.ts";

const excerptOf = (markdown: string) => excerptOfNodes(markdown, parseMarkdown(markdown) ?? []);
const graphemesIn = (text: string) =>
  [...new Intl.Segmenter("und", { granularity: "grapheme" }).segment(text)].length;

describe("excerptOf", () => {
  const cases: [string, string][] = [
    ["plain words", "plain words"],
    ["two\nlines\n\nand a paragraph", "two lines and a paragraph"],
    ["# Heading\n\ntext\n##\nmore #1", "text more #1"],
    ["Heading\n=======\ntext\n\n---\nmore", "text more"],
    ["**bold**, *italic*, ~~gone~~ and `code`", "bold, italic, gone and code"],
    ["_so_ __much__ snake_case_here", "so much snake_case_here"],
    ["2 * 3, 5 - 1 and ~4", "2 * 3, 5 - 1 and ~4"],
    ["a [link](https://example.org/a_b) and [**two**](b)", "a link and two"],
    ["a [link][1] and [1]\n\n[1]: https://example.org", "a link and 1"],
    ["a [bracket] and ![a picture](p.png)", "a [bracket] and a picture"],
    ["see <https://example.org/a_b>", "see https://example.org/a_b"],
    ["> quoted\n> > twice\n>- an item", "quoted twice an item"],
    ["- one\n* two\n+ three\n1. four\n2) five", "one two three four five"],
    ["1. one\n2. two\n\n   more of two\n3. three", "one two more of two three"],
    ["- [ ] open\n- [x] done", "open done"],
    ["this | that\n\n| a | b |\n|---|:-:|\n| 1 | 2 |", "this | that"],
    ["before\n```ts\nconst x = 1;\n```\nafter", "before after"],
    ["before\n~~~\nnever closed", "before"],
    ["a note[^1]\n\n[^1]: at the end", "a note"],
    ["fish &amp; chips &#x1F600;", "fish & chips 😀"],
    ["<b>bold</b> 1 < 2", "<b>bold</b> 1 < 2"],
    [String.raw`\*not italic\* and \# not a heading`, "*not italic* and # not a heading"],
    ["# Nothing but\n## headings", "Nothing but headings"],
    ["```\nnothing but code\n```", "nothing but code"],
    ["[a]: b", "[a]: b"],
    ["---", "---"],
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

  for (const character of ["字", "😀", "👨‍👩‍👧‍👦", "e\u0301", "नि", "🇨🇭"]) {
    it(`counts ${character} as one character, and does not cut it`, () => {
      assert.equal(excerptOf(character.repeat(280)), character.repeat(280));
      assert.equal(excerptOf(character.repeat(300)), `${character.repeat(279)}…`);
    });
  }

  it("is one line of at most 280 characters for any text", () => {
    const marks = ["```", "\n", "[", "](", ")", "<", "_", "*", "\\", "> ", "| ", "#", "- ", "1. "];
    const part = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(...marks, "w".repeat(99)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const excerpt = excerptOf(parts.join(""));
        assert.ok(graphemesIn(excerpt) <= 280);
        assert.ok(excerpt.isWellFormed() || !parts.join("").isWellFormed());
        assert.doesNotMatch(excerpt, /[\n\r\t]/);
      }),
    );
  });
});
