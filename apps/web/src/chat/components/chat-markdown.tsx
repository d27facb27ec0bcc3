import { type ComponentProps, memo } from "react";
import type { ExtraProps } from "react-markdown";
import MarkdownText, { SafeLink } from "../../ui/markdown/markdown-text.tsx";

const allowedElements = [
  ...["p", "br", "em", "strong", "del", "code", "pre"],
  ...["blockquote", "ul", "ol", "li", "a", "img"],
];
const componentOverrides = { img: ImageLink };

/** What chats take of Markdown: emphasis, code, quotes, lists, links. Of the rest the text remains. */
export const ChatMarkdown = memo(function ChatMarkdown({ children }: { children: string }) {
  return (
    <MarkdownText
      allowedElements={allowedElements}
      componentOverrides={componentOverrides}
      className="prose prose-chat"
    >
      {children}
    </MarkdownText>
  );
});

/** Pictures would come from anywhere, and tell whoever keeps them when they are looked at. */
function ImageLink({ src, alt, node }: ComponentProps<"img"> & ExtraProps) {
  const href = typeof src === "string" ? src : undefined;
  return (
    <SafeLink href={href} node={node}>
      {alt || href}
    </SafeLink>
  );
}
