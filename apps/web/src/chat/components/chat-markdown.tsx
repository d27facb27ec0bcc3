import { memo } from "react";
import MarkdownText from "../../ui/markdown/markdown-text.tsx";

const allowedElements = new Set([
  ...["p", "br", "em", "strong", "del", "code", "pre"],
  ...["blockquote", "ul", "ol", "li", "input", "a", "img"],
]);

/** The Markdown of chats: emphasis, code, quotes, lists, links. Of other elements only the text is shown. */
export const ChatMarkdown = memo(function ChatMarkdown({ children }: { children: string }) {
  return (
    <MarkdownText allowedElements={allowedElements} className="prose prose-chat">
      {children}
    </MarkdownText>
  );
});
