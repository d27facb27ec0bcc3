import type { Message } from "@plaza/contract/chat/v1/messages";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { shortly } from "../../lib/format-time.ts";
import { useSession } from "../../session/session.ts";
import { Empty } from "../../ui/empty-state.tsx";
import { EndlessList } from "../../ui/infinite-list.tsx";
import { ChatsSkeleton } from "../../ui/skeletons.tsx";
import { chatsQuery, foundQuery } from "../chat-queries.ts";
import { inOneLine, titleOf } from "../chat-title.ts";
import { PersonName } from "./person-name.tsx";

/** The messages that a search finds; each leads to its place. */
export function ChatsFound({ query }: { query: string }) {
  return (
    <EndlessList
      label="Messages found"
      query={useInfiniteQuery(foundQuery(query))}
      keyOf={({ chatId, seq }) => `${chatId} ${seq}`}
      skeleton={<ChatsSkeleton />}
      empty={
        <Empty title="No message has these words">
          Try fewer words, or “a quoted phrase”. A word with a minus in front is left out.
        </Empty>
      }
    >
      {(message) => <FoundRow message={message} query={query} />}
    </EndlessList>
  );
}

function FoundRow({ message, query }: { message: Message; query: string }) {
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
          <span className="min-w-0 flex-1 truncate font-semibold">
            {chat ? titleOf(chat, userId) : "…"}
          </span>{" "}
          {createTime && <span className="shrink-0 text-xs text-faint">{shortly(createTime)}</span>}
        </span>{" "}
        <span className="line-clamp-2 text-sm text-soft">
          <PersonName chat={chat} id={senderId} userId={userId} you="You" />
          {": "}
          {inOneLine(text)}
        </span>
      </Link>
    </li>
  );
}
