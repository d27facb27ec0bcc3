import { type ComponentProps, memo } from "react";
import type { ExtraProps } from "react-markdown";
import MarkdownText, { SafeLink } from "../../ui/markdown/markdown-text.tsx";

const allowedElements = [
  ...["p", "br", "em", "strong", "del", "code", "pre"],
  ...["blockquote", "ul", "ol", "li", "a", "img"],
];
const componentOverrides = { img: ImageLink };

/** The Markdown of chats: emphasis, code, quotes, lists, links. Of other elements only the text is shown. */
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

/**
 * A link instead of the picture: a picture on another site would reveal to that site who reads the chat, and when.
 */
function ImageLink({ src, alt, node }: ComponentProps<"img"> & ExtraProps) {
  const href = typeof src === "string" ? src : undefined;
  return (
    <SafeLink href={href} node={node}>
      {alt || href}
    </SafeLink>
  );
}
