import { useQuery } from "@tanstack/react-query";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { chatsQuery } from "../chat-queries.ts";
import { ChatRow } from "./chat-row.tsx";
import { ChatListSkeleton } from "./chat-skeletons.tsx";

export function ChatList() {
  const { data: all, isPending, error, refetch } = useQuery(chatsQuery);
  if (isPending) {
    return (
      <div role="status" aria-label={t("chat.chatList.loading")}>
        <ChatListSkeleton />
      </div>
    );
  }
  if (!all) return <Failure error={error} onRetry={() => void refetch()} />;
  if (all.length === 0) return <NoChats />;
  return (
    <ul>
      {all.map((chat) => (
        <ChatRow key={chat.id} chat={chat} />
      ))}
    </ul>
  );
}

function NoChats() {
  return (
    <EmptyState title={t("chat.chatList.empty")}>
      <p className="mb-4">{t("chat.chatList.emptyHint")}</p>
      <div className="flex flex-wrap justify-center gap-3">
        <LinkButton to="/friends">{t("chat.newChat.findFriends")}</LinkButton>
        <LinkButton to="/chats/new" variant="primary">
          {t("chat.newChat.title")}
        </LinkButton>
      </div>
    </EmptyState>
  );
}
