import { parseMarkdown } from "./markdown.ts";
import type { MarkdownElement, MarkdownNode } from "./markdown-tree.ts";
import { normalizeMarkdown } from "./normalize-text.ts";

const blockTags = new Set([
  ...["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "li", "pre"],
  ...["table", "tr", "th", "td", "hr", "br", "section"],
]);

/**
 * The words that a page shows of a Markdown text, on one line and without marks. Of a text that shows none, and of
 * one that is too complex to be parsed, it is the source.
 */
export function toPlainText(markdown: string): string {
  const nodes = parseMarkdown(markdown);
  return (nodes && textOf(nodes)) || oneLine(markdown);
}

/** The words of parsed Markdown on one line, without those of elements that are left out; empty when none show. */
export function textOf(
  nodes: readonly MarkdownNode[],
  isLeftOut: (element: MarkdownElement) => boolean = () => false,
): string {
  const parts: string[] = [];
  const add = (node: MarkdownNode) => {
    if (node.type === "text") return parts.push(node.value);
    if (isLeftOut(node)) return;
    const space = blockTags.has(node.tagName) ? " " : "";
    parts.push(space, String(node.properties["alt"] ?? ""));
    node.children.forEach(add);
    parts.push(space);
  };
  nodes.forEach(add);
  const text = oneLine(parts.join(""));
  return isVisible(text) ? text : "";
}

/** Whether a text has a character that can be seen. */
export function isVisible(text: string): boolean {
  return normalizeMarkdown(text) !== "";
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
