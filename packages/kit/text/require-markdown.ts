import { invalidField } from "../errors/fault.ts";
import { parseMarkdown } from "./markdown.ts";
import type { MarkdownNode } from "./markdown-tree.ts";

/**
 * The nodes of a Markdown text. Throws MARKDOWN_TOO_COMPLEX for a text that pages could only show as it is: its
 * elements nest too deeply, or are too many.
 */
export function requireMarkdown(field: string, markdown: string): MarkdownNode[] {
  const nodes = parseMarkdown(markdown);
  if (nodes) return nodes;
  throw invalidField(
    field,
    "MARKDOWN_TOO_COMPLEX",
    "must not nest quotes, lists or emphasis so deeply, or have so many table cells",
  );
}
