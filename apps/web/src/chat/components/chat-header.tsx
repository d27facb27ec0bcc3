import type { Chat } from "@plaza/contract/chat/v1/chats";
import { ArrowLeft, UsersRound } from "lucide-react";
import { Link, useLocation } from "react-router";
import { LinkButton } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";
import { isDirect, otherOf, titleOf } from "../chat-title.ts";
import { onlineQuery, useMoment } from "../presence.ts";
import { ChatAvatar } from "./chat-avatar.tsx";

/** Who one talks to. */
export function ChatHeader({ chat, userId }: { chat: Chat; userId: string }) {
  const { search } = useLocation();
  const title = titleOf(chat, userId);
  const other = isDirect(chat) ? otherOf(chat, userId) : undefined;
  return (
    <div className="flex items-center gap-3 border-b border-line px-3 py-2.5 md:px-5">
      <Link
        to={`/chats${search}`}
        aria-label="Back to all chats"
        className="-mr-1 grid size-11 shrink-0 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink md:hidden"
      >
        <ArrowLeft className="size-5" aria-hidden />
      </Link>
      <ChatAvatar chat={chat} userId={userId} />
      <div className="min-w-0 flex-1">
        <Heading title={title} className="truncate text-lg leading-tight font-bold">
          {other?.user ? (
            <Link to={`/members/${other.userId}`} className="hover:text-accent hover:underline">
              {title}
            </Link>
          ) : (
            title
          )}
        </Heading>
        <p className="truncate text-sm text-faint">
          {other ? !chat.blocked && <Presence userId={other.userId} /> : <Count chat={chat} />}
        </p>
      </div>
      {!isDirect(chat) && (
        <LinkButton to={`/chats/${chat.id}/group`} look="plain" className="px-3">
          <UsersRound className="size-4.5" aria-hidden />
          <span className="max-sm:sr-only">Group</span>
        </LinkButton>
      )}
    </div>
  );
}

function Presence({ userId }: { userId: string }) {
  return useMoment(onlineQuery).includes(userId) ? "online" : "not here right now";
}

function Count({ chat }: { chat: Chat }) {
  return chat.memberCount === 1 ? "Only you" : `${chat.memberCount} members`;
}
