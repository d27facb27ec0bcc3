import { type ComponentProps, memo } from "react";
import MarkdownText, { SafeLink } from "../../ui/markdown/markdown-text.tsx";
import { safeUrl } from "../../ui/markdown/safe-url.ts";

const allowedElements = new Set([
  ...["p", "br", "em", "strong", "del", "code", "pre"],
  ...["blockquote", "ul", "ol", "li", "input", "a", "img"],
]);
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
function ImageLink({ src, alt }: ComponentProps<"img">) {
  const href = safeUrl(src, "src");
  return <SafeLink href={href}>{alt || href}</SafeLink>;
}
