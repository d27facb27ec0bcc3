import { parseMarkdown } from "@plaza/kit/text/markdown";
import type { MarkdownNode } from "@plaza/kit/text/markdown-tree";
import { Children, type ComponentProps, type CSSProperties, useMemo } from "react";
import { t } from "../../lib/messages.ts";
import { InLinkContext, MarkdownPicture } from "../pictures/markdown-picture.tsx";
import { demoteHeadings } from "./demote-headings.ts";
import { type MarkdownComponents, MarkdownNodes } from "./markdown-nodes.tsx";
import { PlainText } from "./plain-text.tsx";
import "./prose.css";
import { safeUrl } from "./safe-url.ts";
import { TextBoundary } from "./text-boundary.tsx";
import { showsAnything } from "./visible-nodes.ts";

/** A text of a member that is longer comes from no rule of the contract; the editor's preview can hold one. */
const maxRenderedLength = 50_000;

type MarkdownTextProps = {
  children: string;
  /** The elements that are rendered; of others only the text is. All by default. */
  allowedElements?: ReadonlySet<string>;
  className?: string;
};

/**
 * Renders a member's Markdown. HTML in it stays text, and no URL can run a script. A text that is too complex, that
 * would show nothing, or that cannot be rendered is shown as it was written.
 */
export default function MarkdownText({ className = "prose", ...props }: MarkdownTextProps) {
  const source = <PlainText>{props.children}</PlainText>;
  return (
    <div className={className}>
      <TextBoundary key={props.children} fallback={source}>
        <Rendered {...props} />
      </TextBoundary>
    </div>
  );
}

function Rendered({ children, allowedElements }: MarkdownTextProps) {
  const nodes = useMemo(() => readMarkdown(children, allowedElements), [children, allowedElements]);
  if (!nodes) return <PlainText>{children}</PlainText>;
  return <MarkdownNodes nodes={nodes} components={components} allowedElements={allowedElements} />;
}

/** The nodes of a text; undefined when it is to be shown as it is. */
function readMarkdown(
  text: string,
  allowedElements?: ReadonlySet<string>,
): MarkdownNode[] | undefined {
  const nodes = text.length <= maxRenderedLength ? parseMarkdown(text) : undefined;
  if (!nodes || !showsAnything(nodes, allowedElements)) return undefined;
  demoteHeadings(nodes);
  return nodes;
}

const components: MarkdownComponents = {
  a: SafeLink,
  img: Picture,
  table: ScrollableTable,
  pre: ScrollableCode,
  input: TaskCheckbox,
  ol: NumberedList,
};

export function SafeLink({ href, children, ...rest }: ComponentProps<"a">) {
  const url = safeUrl(href, "href");
  if (!url) return <span>{children}</span>;
  const rel = url.startsWith("#") ? undefined : "ugc nofollow noopener";
  return (
    <a {...rest} href={url} rel={rel}>
      <InLinkContext value={true}>{children}</InLinkContext>
    </a>
  );
}

function Picture({ src, alt, title }: ComponentProps<"img">) {
  return <MarkdownPicture url={safeUrl(src, "src")} alt={alt} title={title} />;
}

function ScrollableTable({ children, dir }: ComponentProps<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="prose-table" aria-label={t("ui.markdown.table")} tabIndex={0} dir={dir}>
      <table>{children}</table>
    </section>
  );
}

function ScrollableCode({ children }: ComponentProps<"pre">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre tabIndex={0} dir="ltr">
      {children}
    </pre>
  );
}

function NumberedList({ children, start = 1, ...rest }: ComponentProps<"ol">) {
  const digits = String(Number(start) + Children.count(children) - 1).length;
  return (
    <ol {...rest} start={start} style={{ "--digits": digits } as CSSProperties}>
      {children}
    </ol>
  );
}

function TaskCheckbox({ checked }: ComponentProps<"input">) {
  return (
    <span
      role="img"
      aria-label={checked ? t("ui.markdown.done") : t("ui.markdown.toDo")}
      className="prose-checkbox"
    >
      {checked ? "☑" : "☐"}
    </span>
  );
}
