/** The part of a hast node that the plugin uses. */
export type HtmlNode = { type: string; tagName?: string; children?: HtmlNode[] };

/**
 * A rehype plugin. The page's h1 is the post's title, so the highest heading that the text uses
 * becomes h2, the next one h3, and none is more than one level below the heading before it.
 */
export function demoteHeadings() {
  return (root: HtmlNode): void => {
    const headings = findHeadings(root);
    const levels = [...new Set(headings.map(({ tagName }) => tagName))].sort();
    let before = 1;
    for (const heading of headings) {
      before = Math.min(2 + levels.indexOf(heading.tagName), before + 1, 6);
      heading.tagName = `h${before}`;
    }
  };
}

function findHeadings(node: HtmlNode): HtmlNode[] {
  return (node.children ?? []).flatMap((child) =>
    /^h[1-6]$/.test(child.tagName ?? "") ? [child] : findHeadings(child),
  );
}
