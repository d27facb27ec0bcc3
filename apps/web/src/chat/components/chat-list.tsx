import { useQuery } from "@tanstack/react-query";
import { LinkButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty-state.tsx";
import { Failure } from "../../ui/failure.tsx";
import { ChatsSkeleton } from "../../ui/skeletons.tsx";
import { chatsQuery } from "../chat-queries.ts";
import { ChatRow } from "./chat-row.tsx";

export function ChatList() {
  const { data: all, isPending, error, refetch } = useQuery(chatsQuery);
  if (isPending) {
    return (
      <div role="status" aria-label="Loading chats">
        <ChatsSkeleton />
      </div>
    );
  }
  if (!all) return <Failure error={error} onRetry={() => void refetch()} />;
  if (all.length === 0) return <NobodyYet />;
  return (
    <ul>
      {all.map((chat) => (
        <ChatRow key={chat.id} chat={chat} />
      ))}
    </ul>
  );
}

function NobodyYet() {
  return (
    <Empty title="No chats yet">
      <p className="mb-4">Chats are between friends. Write to one, or find some first.</p>
      <div className="flex flex-wrap justify-center gap-3">
        <LinkButton to="/friends">Friends</LinkButton>
        <LinkButton to="/chats/new" look="primary">
          New chat
        </LinkButton>
      </div>
    </Empty>
  );
}
