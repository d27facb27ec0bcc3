import { useQuery } from "@tanstack/react-query";
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
      <div role="status" aria-label="Loading chats">
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
    <EmptyState title="No chats yet">
      <p className="mb-4">Chats are between friends. Write to one, or find some first.</p>
      <div className="flex flex-wrap justify-center gap-3">
        <LinkButton to="/friends">Friends</LinkButton>
        <LinkButton to="/chats/new" variant="primary">
          New chat
        </LinkButton>
      </div>
    </EmptyState>
  );
}
