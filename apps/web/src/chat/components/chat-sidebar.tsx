import { SquarePen } from "lucide-react";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { ChatList } from "./chat-list.tsx";
import { MessageSearchResults } from "./message-search-results.tsx";

const headingClass = "text-2xl font-bold";

/** All chats, or the messages that a search finds. Its title is the page's heading when no chat is open. */
export function ChatSidebar({ isOnly }: { isOnly: boolean }) {
  const [params, setParams] = useSearchParams();
  const query = params.get("q")?.trim() ?? "";
  return (
    <div className="flex h-full flex-col">
      <div className="space-y-3 px-4 pt-5 pb-3 md:pe-5 md:ps-0">
        <div className="flex items-center justify-between gap-3">
          {isOnly ? (
            <Heading title={t("chat.chatSidebar.title")} className={headingClass} />
          ) : (
            <p className={headingClass}>{t("chat.chatSidebar.title")}</p>
          )}
          <LinkButton to="/chats/new" variant="plain" className="px-3">
            <SquarePen className="size-4.5" aria-hidden />
            {t("chat.newChat.title")}
          </LinkButton>
        </div>
        <SearchField
          label={t("chat.chatSidebar.search")}
          value={query}
          maxLength={200}
          onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
        />
      </div>
      <nav
        aria-label={t("chat.chatSidebar.title")}
        className="min-h-0 flex-1 overflow-y-auto px-2 pb-4 md:pe-3 md:ps-0"
      >
        {query ? <MessageSearchResults query={query} /> : <ChatList />}
      </nav>
    </div>
  );
}
