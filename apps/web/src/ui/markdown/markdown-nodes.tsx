import type { MarkdownElement, MarkdownNode } from "@plaza/kit/text/markdown-tree";
import { textOf } from "@plaza/kit/text/plain-text";
import { type ComponentType, createElement, type ReactNode } from "react";

/** Components by the name of the element that they render. */
// biome-ignore lint/suspicious/noExplicitAny: each element has other properties
export type MarkdownComponents = Readonly<Record<string, ComponentType<any>>>;

type MarkdownNodesProps = {
  nodes: readonly MarkdownNode[];
  components: MarkdownComponents;
  allowedElements: ReadonlySet<string> | undefined;
};

/**
 * Each block of the text takes the direction of its own first letter. A list, a quote and a table take one
 * direction as a whole, so that their marks and columns stay together; prose.css directs the lines inside.
 */
export function MarkdownNodes({ nodes, components, allowedElements }: MarkdownNodesProps) {
  const render = (node: MarkdownNode, index: number, dir?: "auto"): ReactNode => {
    if (node.type === "text") return node.value;
    const { tagName, children } = node;
    if (allowedElements && !(allowedElements.has(tagName) && hasTarget(node, allowedElements))) {
      return dir ? (
        <p key={index} dir={dir}>
          {textOf([node])}
        </p>
      ) : (
        children.map((child, n) => render(child, n))
      );
    }
    // The heading of the footnotes says nothing about the direction of the notes.
    const isSection = tagName === "section";
    const content = children.map((child, n) => render(child, n, isSection ? dir : undefined));
    const direction = tagName === "code" ? "ltr" : isSection ? undefined : dir;
    const className = tagName === "p" && isPicture(children) ? "prose-picture" : undefined;
    const props = { ...propsOf(node), key: index, dir: direction, className };
    return createElement(
      components[tagName] ?? tagName,
      props,
      ...(content.length > 0 ? [content] : []),
    );
  };
  return nodes.map((node, index) => render(node, index, "auto"));
}

/** Whether a link leads somewhere: a reference to a footnote has no target where footnotes are left out. */
function hasTarget({ properties }: MarkdownElement, shown: ReadonlySet<string>): boolean {
  return shown.has("section") || !String(properties["href"] ?? "").startsWith("#");
}

/** Whether these show a picture, which may be a link, and nothing else. */
function isPicture([node, ...more]: readonly MarkdownNode[]): boolean {
  if (node?.type !== "element" || more.length > 0) return false;
  return node.tagName === "img" || (node.tagName === "a" && isPicture(node.children));
}

function propsOf({ properties }: MarkdownElement): Record<string, unknown> {
  const { align, ...props } = properties;
  return align === undefined ? props : { ...props, style: { textAlign: align } };
}
