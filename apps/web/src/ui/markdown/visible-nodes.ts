import type { MarkdownNode } from "@plaza/kit/text/markdown-tree";
import { isVisible } from "@plaza/kit/text/plain-text";
import { safeUrl } from "./safe-url.ts";

/**
 * Whether a reader sees anything of the nodes besides rules, boxes and marks of lists. `[a]: b`, `#`, `---` and `>`
 * show nothing.
 */
export function showsAnything(
  nodes: readonly MarkdownNode[],
  allowedElements?: ReadonlySet<string>,
): boolean {
  return nodes.some((node) => {
    if (node.type === "text") return isVisible(node.value);
    const { tagName, properties, children } = node;
    if (tagName !== "img") return showsAnything(children, allowedElements);
    const isPicture = !allowedElements || allowedElements.has("img");
    return (
      isVisible(String(properties["alt"])) ||
      (isPicture && safeUrl(properties["src"], "src") !== undefined)
    );
  });
}
