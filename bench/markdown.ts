// What the costliest texts of members cost to parse, against plain texts of the same length, and how the cost grows
// with the length: twice the length must not cost four times as much.
import { parseMarkdown } from "@plaza/kit/text/markdown";
import { parseBenchOptions } from "./base/options.ts";
import {
  median,
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";

const options = parseBenchOptions({ n: 5, length: 20_000 }, { n: 1, length: 500 });

const plainUnits = { "one paragraph": "lorem ipsum ", "short paragraphs": "word\n\n" };
const costlyUnits: readonly string[] = [
  ...[
    ">",
    "> ",
    "> a\n",
    "- ",
    "- a\n",
    "1. ",
    "> - 1. ",
    "[^a]: - ",
    "- [ ] a\n",
    "# a\n",
    "a\n-\n",
  ],
  ...[
    "*",
    "*a ",
    "a*",
    "*_",
    "**a *b ",
    "***a** b* ",
    "~~a~~b",
    "_a ",
    "a_",
    "`",
    "`a``b",
    "\\",
    "\\[",
  ],
  ...[
    "[",
    "[]",
    "[a]",
    "[a](",
    "[a](<b",
    '[a](b "',
    "[a]: b\n",
    "[a\n",
    "![",
    "![a](b)",
    "[^1]",
    "[^1]: a\n",
  ],
  ...["&amp;", "&", "&a;", "<", "<a ", "<!--", "x<!--", "x<?", "<![CDATA[", "<a b='"],
  ...["https://", "http://a.b/!", "www.", "www.a_", "a.b@c.d ", "a.", "a@", "|", "|a", "a|\n-|\n"],
  ...[
    "\n",
    "a\n",
    "a\\\n",
    " ",
    "\t",
    "    a\n",
    "```\n",
    "~~~",
    "---\n",
    "字",
    "👨‍👩‍👧‍👦",
    "\u200f",
  ],
];
const fill = (unit: string, length: number) =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Texts of a length that a repeated unit does not make. */
const builtTexts: Record<string, (length: number) => string> = {
  "emphases inside each other": (length) => `${fill("*a ", length / 2)}${fill(" a*", length / 2)}`,
  "brackets inside each other": (length) => fill("[", length / 2) + fill("]", length / 2),
  "pictures inside each other": (length) =>
    `${fill("![", length / 3)}a${fill("](b)", length / 1.5)}`,
  "code spans of all lengths": (length) =>
    Array.from({ length: Math.sqrt(2 * length) }, (_, n) => "`".repeat(n)).join(" "),
  "a table of missing cells": (length) =>
    `${fill("a|", length / 20)}\n${fill("-|", length / 20)}\n${fill("a\n", length * 0.9)}`,
  "lines after a quote": (length) => `${fill("> ", 80)}a\n${fill("b\n", length)}`,
};

/** Milliseconds that one parse takes: the shortest of three, since other programs only add time. */
async function parseMs(text: string): Promise<number> {
  const times = Array.from({ length: 3 }, () => {
    const startedAt = performance.now();
    parseMarkdown(text);
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

const texts = new Map<string, (length: number) => string>();
for (const [name, unit] of Object.entries(plainUnits)) texts.set(name, (n) => fill(unit, n));
for (const unit of costlyUnits) texts.set(JSON.stringify(unit), (n) => fill(unit, n));
for (const [name, build] of Object.entries(builtTexts)) texts.set(name, build);
const contenders = [...texts].flatMap(([name, build]) =>
  [options.length / 2, options.length].map((length) => {
    const text = build(length).slice(0, length);
    return [`${name} ${length}`, () => parseMs(text)] as const;
  }),
);
const measured = await runRounds(roundsOf(options), Object.fromEntries(contenders));
const timeOf = (name: string, length = options.length) => medianOf(measured, `${name} ${length}`);

const costly = [...texts.keys()]
  .filter((name) => !Object.hasOwn(plainUnits, name))
  .sort((one, other) => timeOf(other) - timeOf(one));
const [worst = ""] = costly;
const shown = [...Object.keys(plainUnits), ...costly.slice(0, 10)];
console.log(`one parse of ${options.length} characters, median of ${options.n} rounds\n`);
printTable(
  shown.flatMap((name) => {
    const series = measured[`${name} ${options.length}`];
    return series ? [seriesCells({ ...series, name }, "ms", 2)] : [];
  }),
);
const growths = costly.slice(0, 20).map((name) => timeOf(name) / timeOf(name, options.length / 2));
const ratios = {
  worst_vs_short_paragraphs: timeOf(worst) / timeOf("short paragraphs"),
  worst_vs_one_paragraph: timeOf(worst) / timeOf("one paragraph"),
  twice_the_length_of_the_20_worst: median(growths),
};
const figures = { texts: costly.length, worst_ms: timeOf(worst) };
console.log(`\nthe worst: ${worst}`);
printTable(Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(1)]));
printResult({ bench: "markdown", ratios, figures, smoke: options.smoke });
