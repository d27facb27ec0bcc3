import { truncate } from "@plaza/kit/text/graphemes";
import type { MarkdownElement, MarkdownNode } from "@plaza/kit/text/markdown-tree";
import { oneLine, textOf } from "@plaza/kit/text/plain-text";

const maxExcerptGraphemes = 280;

/**
 * The beginning of a Markdown text as plain words on one line: at most 280 characters as readers see them, cut
 * between words. Headings, tables, blocks of code and footnotes are left out, unless the text has nothing else. Of a
 * text that shows nothing, the excerpt is the source.
 */
export function excerptOf(markdown: string, nodes: readonly MarkdownNode[]): string {
  const text = textOf(nodes, isNoProse) || textOf(nodes) || oneLine(markdown);
  return truncate(text, maxExcerptGraphemes);
}

const noProseTags = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "table", "pre", "section", "sup"]);

function isNoProse({ tagName }: MarkdownElement): boolean {
  return noProseTags.has(tagName);
}
