/** The part of a Markdown node that headings have. */
export type HtmlNode = { type: string; tagName?: string; children?: HtmlNode[] };

/**
 * The page's h1 is the post's title, so the highest heading that the text uses becomes h2, the next one h3, and none
 * is more than one level below the heading before it.
 */
export function demoteHeadings(nodes: readonly HtmlNode[]): void {
  const headings = nodes.flatMap(findHeadings);
  const levels = [...new Set(headings.map(({ tagName }) => tagName))].sort();
  let before = 1;
  for (const heading of headings) {
    before = Math.min(2 + levels.indexOf(heading.tagName), before + 1, 6);
    heading.tagName = `h${before}`;
  }
}

function findHeadings(node: HtmlNode): HtmlNode[] {
  if (/^h[1-6]$/.test(node.tagName ?? "")) return [node];
  return (node.children ?? []).flatMap(findHeadings);
}
