import type { Message } from "@plaza/contract/chat/v1/messages";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { CompactTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { chatsQuery, messageSearchQuery } from "../chat-queries.ts";
import { chatTitle } from "../chat-title.ts";
import { ChatListSkeleton } from "./chat-skeletons.tsx";
import { MessagePreview } from "./message-preview.tsx";
import { SenderName } from "./person-name.tsx";

/** The messages that a search finds, each a link to its place in the chat. */
export function MessageSearchResults({ query }: { query: string }) {
  return (
    <InfiniteList
      label={t("chat.messageSearch.results")}
      query={useInfiniteQuery(messageSearchQuery(query))}
      keyOf={({ chatId, seq }) => `${chatId} ${seq}`}
      skeleton={<ChatListSkeleton />}
      empty={
        <EmptyState title={t("chat.messageSearch.empty")}>
          {t("chat.messageSearch.emptyHint")}
        </EmptyState>
      }
    >
      {(message) => <SearchResultRow message={message} query={query} />}
    </InfiniteList>
  );
}

function SearchResultRow({ message, query }: { message: Message; query: string }) {
  const userId = useSession()?.user.id ?? "";
  const { data: all } = useQuery(chatsQuery);
  const { chatId, seq, senderId, text, createTime } = message;
  const chat = all?.find(({ id }) => id === chatId);
  return (
    <li>
      <Link
        to={{
          pathname: `/chats/${chatId}`,
          search: new URLSearchParams({ q: query }).toString(),
          hash: String(seq),
        }}
        className="block rounded-md px-3 py-2.5 hover:bg-sunken"
      >
        <span className="flex items-baseline gap-2">
          <span
            dir="auto"
            className="min-w-0 flex-1 truncate text-left rtl:text-right font-semibold"
          >
            {chat ? chatTitle(chat, userId) : "…"}
          </span>{" "}
          {createTime && (
            <span className="shrink-0 text-xs text-faint">
              <CompactTime at={createTime} />
            </span>
          )}
        </span>{" "}
        <span className="line-clamp-2 text-sm text-soft">
          <Trans
            id="chat.messageSearch.message"
            values={{
              name: <SenderName chat={chat} id={senderId} userId={userId} />,
              text: <MessagePreview>{text}</MessagePreview>,
            }}
          />
        </span>
      </Link>
    </li>
  );
}
