import MarkdownIt from "markdown-it";
import footnotes from "markdown-it-footnote";
import { buildMarkdownTree } from "./markdown-tokens.ts";
import type { MarkdownNode } from "./markdown-tree.ts";

/** How deep elements may nest: some 20 levels of lists or quotes, with room for emphasis. */
export const maxMarkdownDepth = 50;
/** How many elements a text may make. A full post of one-letter words in bold makes 4,000. */
export const maxMarkdownElements = 20_000;

const parser = new MarkdownIt({ linkify: true }).use(footnotes);
// The parser leaves out what nests deeper, hence this is more than a tree may have.
parser.options.maxNesting = maxMarkdownDepth + 10;
// Otherwise README.md would be a link, since .md is a domain.
parser.linkify.set({ fuzzyLink: false });
parser.linkify.add("www.", {
  validate: (text, position) => webAddress.exec(text.slice(position))?.[0].length ?? 0,
  normalize(match) {
    match.url = `http://${match.url}`;
  },
});

/**
 * Parses the Markdown of members: CommonMark with tables, strikethrough, task lists, footnotes and bare links, as in
 * GitHub Flavored Markdown. HTML stays text. Returns the nodes of the text, or undefined when they would nest
 * deeper than `maxMarkdownDepth` or be more than `maxMarkdownElements`: such a text is refused when it is written,
 * and shown as it is. The time is proportional to the length.
 */
export function parseMarkdown(markdown: string): MarkdownNode[] | undefined {
  if (countTableCells(markdown) > markdown.length) return undefined;
  if (imageDepth(markdown) > maxMarkdownDepth) return undefined;
  const limits = { maxDepth: maxMarkdownDepth, maxElements: maxMarkdownElements };
  return buildMarkdownTree(parser.parse(markdown, {}), limits);
}

/**
 * An upper bound of the cells of all tables. A row is filled up to the columns of its table, so that a few thousand
 * characters can make a million cells; a table without missing cells has fewer than one for each character.
 */
function countTableCells(markdown: string): number {
  let cells = 0;
  let columns = 0;
  for (const line of markdown.split(/\r\n?|\n/)) {
    if (line.trim() === "") columns = 0;
    else if (delimiterRow.test(line)) columns = Math.max(columns, line.split("|").length);
    cells += columns;
  }
  return cells;
}

/** The second row of a table, also in a quote or a list. */
const delimiterRow = /^(?=.*\|)(?=.*-)[\s|:>*+\-\d.)]+$/;

/** A host after `www.`, and a path that does not end with punctuation. */
const webAddress =
  /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?:[/?#](?:[^\s<>"'`]*[^\s<>"'`.,;:!?()*_~\]])?)?/u;

/** How deep pictures stand in the descriptions of pictures: for each, the parser calls itself. */
function imageDepth(markdown: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [mark] of markdown.matchAll(/!\[|\]|\n[ \t>]*\n/g)) {
    if (mark === "![") depth += 1;
    else depth = mark === "]" ? Math.max(0, depth - 1) : 0;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
