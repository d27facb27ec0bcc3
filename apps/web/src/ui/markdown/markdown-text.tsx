import type { ComponentProps } from "react";
import Markdown, { type Components, type ExtraProps } from "react-markdown";
import remarkGfm from "remark-gfm";
import { demoteHeadings } from "./demote-headings.ts";
import "./prose.css";

const remarkPlugins = [remarkGfm];
const rehypePlugins = [demoteHeadings];

type MarkdownTextProps = {
  children: string;
  /** The elements that are rendered; of others only the text is. All by default. */
  allowedElements?: readonly string[];
  /** Components that replace the default ones. */
  componentOverrides?: Components;
  className?: string;
};

/** Renders a member's Markdown. HTML in it stays text, and no URL can run a script. */
export default function MarkdownText(props: MarkdownTextProps) {
  const { children, allowedElements, componentOverrides, className = "prose" } = props;
  return (
    <div className={className}>
      <Markdown
        allowedElements={allowedElements}
        unwrapDisallowed
        remarkPlugins={remarkPlugins}
        rehypePlugins={rehypePlugins}
        urlTransform={safeUrl}
        components={{ ...components, ...componentOverrides }}
      >
        {children}
      </Markdown>
    </div>
  );
}

/** The URL if it may be linked, or loaded when it is a picture's; otherwise undefined. */
export function safeUrl(url: string, key: string): string | undefined {
  if (key === "src") return /^https:\/\//i.test(url) ? url : undefined;
  return /^(https?:\/\/|mailto:|#user-content-)/i.test(url) ? url : undefined;
}

const components: Components = {
  a: SafeLink,
  img: LazyImage,
  table: ScrollableTable,
  pre: ScrollableCode,
  input: TaskCheckbox,
};

export function SafeLink({ href, children, node: _, ...rest }: ComponentProps<"a"> & ExtraProps) {
  if (!href) return <span>{children}</span>;
  const rel = href.startsWith("#") ? undefined : "ugc nofollow noopener";
  return (
    <a {...rest} href={href} rel={rel}>
      {children}
    </a>
  );
}

function LazyImage({ src, alt = "", title }: ComponentProps<"img"> & ExtraProps) {
  if (!src) return <span>{alt}</span>;
  return <img src={src} alt={alt} title={title} loading="lazy" referrerPolicy="no-referrer" />;
}

function ScrollableTable({ children }: ComponentProps<"table"> & ExtraProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}

function ScrollableCode({ children }: ComponentProps<"pre"> & ExtraProps) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  return <pre tabIndex={0}>{children}</pre>;
}

function TaskCheckbox({ checked }: ComponentProps<"input"> & ExtraProps) {
  return (
    <span role="img" aria-label={checked ? "done" : "to do"} className="mr-2 font-sans text-accent">
      {checked ? "☑" : "☐"}
    </span>
  );
}
