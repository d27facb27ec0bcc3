import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { maxMarkdownDepth, maxMarkdownElements, parseMarkdown } from "./markdown.ts";
import type { MarkdownNode } from "./markdown-tree.ts";

/** The longest body of a post. */
const maxLength = 20_000;
const fill = (unit: string) => unit.repeat(Math.ceil(maxLength / unit.length)).slice(0, maxLength);

function depthOf(nodes: readonly MarkdownNode[]): number {
  const depths = nodes.map((node) => (node.type === "text" ? 0 : 1 + depthOf(node.children)));
  return Math.max(0, ...depths);
}

function countElements(nodes: readonly MarkdownNode[]): number {
  let count = 0;
  for (const node of nodes) if (node.type === "element") count += 1 + countElements(node.children);
  return count;
}

function html(nodes: readonly MarkdownNode[] | undefined): string {
  const write = (node: MarkdownNode): string => {
    if (node.type === "text") return node.value;
    const { tagName, properties, children } = node;
    const attributes = Object.entries(properties).map(([name, value]) => ` ${name}=${value}`);
    return `<${tagName}${attributes.join("")}>${children.map(write).join("")}</${tagName}>`;
  };
  return nodes?.map(write).join("") ?? "too complex";
}

describe("parseMarkdown", () => {
  for (const [markdown, expected] of [
    ["*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"],
    ["# a\n\nb  \nc", "<h1>a</h1><p>b<br></br>c</p>"],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["3. a\n\n   b", "<ol start=3><li><p>a</p><p>b</p></li></ol>"],
    [
      "- [x] a\n- [ ] [b](https://c.d)\n- [ ]",
      "<ul><li className=prose-task><input checked=true></input>a</li>" +
        "<li className=prose-task><input checked=false></input><a href=https://c.d>b</a></li>" +
        "<li>[ ]</li></ul>",
    ],
    ["> a", "<blockquote><p>a</p></blockquote>"],
    ["```hidden\na\n```", "<pre><code>a\n</code></pre>"],
    [
      "|a|b|\n|-|-:|\n|c|",
      "<table><thead><tr><th>a</th><th align=right>b</th></tr></thead>" +
        "<tbody><tr><td>c</td><td align=right></td></tr></tbody></table>",
    ],
    ["![a *b*](https://c.d 'e')", "<p><img src=https://c.d title=e alt=a b></img></p>"],
    ["https://a.b www.c.d e@f.gh README.md", bareLinks()],
    ["a <b onclick='c'>d</b>", "<p>a <b onclick='c'>d</b></p>"],
    ["[a]: https://b.c", ""],
  ] as const) {
    it(`makes ${expected || "nothing"} of ${JSON.stringify(markdown)}`, () => {
      assert.equal(html(parseMarkdown(markdown)), expected);
    });
  }

  it("puts footnotes at the end, with links there and back", () => {
    const text = html(parseMarkdown("a[^n] b[^n]\n\n[^n]: note"));
    const [body, notes = ""] = text.split("<section");
    assert.match(body ?? "", /href=#user-content-fn-1 id=user-content-fnref-1>1<.*fnref-1-2>1</);
    assert.match(notes, /<li id=user-content-fn-1>.*note.*href=#user-content-fnref-1-2 /);
  });
});

function bareLinks(): string {
  return (
    "<p><a href=https://a.b>https://a.b</a> <a href=http://www.c.d>www.c.d</a> " +
    "<a href=mailto:e@f.gh>e@f.gh</a> README.md</p>"
  );
}

describe("parseMarkdown of a text that is made to be costly", () => {
  const tooComplex = [
    ...[fill(">"), fill("> "), fill("1. "), fill("> - 1. "), fill("- > ")],
    `${"*".repeat(9_999)}a${"*".repeat(9_999)}`,
    `${"**a ".repeat(3_000)}${" a**".repeat(2_000)}`,
    `${"![".repeat(2_857)}a${"](b)".repeat(2_857)}`,
    `${"|a".repeat(100)}\n${"|-".repeat(100)}\n${"a\n".repeat(9_700)}`,
    `${"|a".repeat(100)}\n${"|-".repeat(100)}\n${"a\n".repeat(100)}`,
    Array.from({ length: 141 }, (_, depth) => `${" ".repeat(2 * depth)}- a\n`).join(""),
  ];
  for (const text of tooComplex) {
    it(`is undefined for ${JSON.stringify(text.slice(0, 20))}…`, () => {
      assert.equal(parseMarkdown(text.slice(0, maxLength)), undefined);
    });
  }

  for (const text of [
    ...[fill("- "), fill("["), fill("[a]("), fill("`"), fill("_a "), fill("&amp;"), fill("# a\n")],
    fill("[^a]: - "),
    ...[
      fill("a*"),
      fill("*_"),
      fill("~~a~~b"),
      fill("[^a]"),
      fill("<!--"),
      fill("x<?"),
      fill("\n"),
    ],
    ...[fill("https://"), fill("www."), fill("a.b@c.d "), fill("|"), fill("[a]: b\n"), fill("\\")],
    `http://a.b/${fill("&a;")}`,
    `> a\n${fill("b\n")}`,
  ]) {
    it(`stays within the limits for ${JSON.stringify(text.slice(0, 12))}…`, () => {
      assertWithinLimits(text);
    });
  }

  it("stays within the limits, or is undefined, for any repetition of marks", () => {
    const marks = [
      ...[
        "> ",
        "- ",
        "1. ",
        "+ ",
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
      ],
      ...[
        "[",
        "]",
        "(b)",
        "![",
        "[^1]",
        "]: b",
        "|",
        "|-",
        "#",
        "=",
        "<",
        "<!--",
        "&a;",
        "\\",
        "a",
      ],
      ...["https://", "www.a", "a@b.c", "é", "字", "👨‍👩‍👧‍👦", "\u200f", "\u0000", "\r", "---\n"],
    ];
    const unit = fc.array(fc.constantFrom(...marks), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), (units) => {
        const length = maxLength / 5 / units.length;
        const parts = units.map((marks) => fill(marks.join("")).slice(0, length));
        assertWithinLimits(parts.join(""));
      }),
      { numRuns: 30 },
    );
  });

  function assertWithinLimits(text: string): void {
    const nodes = parseMarkdown(text);
    if (!nodes) return;
    assert.ok(depthOf(nodes) <= maxMarkdownDepth);
    assert.ok(countElements(nodes) <= maxMarkdownElements);
  }

  it("keeps what people nest: twelve levels of lists or of quotes", () => {
    const list = Array.from({ length: 12 }, (_, n) => `${"  ".repeat(n)}- **item**\n`).join("");
    assert.ok(parseMarkdown(list));
    assert.ok(parseMarkdown(`${"> ".repeat(12)}- *quoted*`));
    assert.ok(parseMarkdown(`${"|a".repeat(40)}\n${"|-".repeat(40)}\n${"|b".repeat(40)}`));
  });
});
