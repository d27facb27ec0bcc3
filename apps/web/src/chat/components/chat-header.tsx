import type { Chat } from "@plaza/contract/chat/v1/chats";
import { ArrowLeft, UsersRound } from "lucide-react";
import { Link, useLocation } from "react-router";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";
import { chatTitle, isDirectChat, otherMember } from "../chat-title.ts";
import { onlineQuery, usePresence } from "../presence.ts";
import { ChatAvatar } from "./chat-avatar.tsx";

/** The title of a chat, with who is online or how many members there are. */
export function ChatHeader({ chat, userId }: { chat: Chat; userId: string }) {
  const { search } = useLocation();
  const title = chatTitle(chat, userId);
  const other = isDirectChat(chat) ? otherMember(chat, userId) : undefined;
  return (
    <div className="flex items-center gap-3 border-b border-line px-3 py-2.5 md:px-5">
      <Link
        to={`/chats${search}`}
        aria-label={t("chat.backToChats")}
        className="-me-1 grid size-11 shrink-0 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink md:hidden"
      >
        <ArrowLeft className="size-5" aria-hidden />
      </Link>
      <ChatAvatar chat={chat} userId={userId} />
      <div className="min-w-0 flex-1">
        <Heading
          title={title}
          className="truncate text-left rtl:text-right text-lg leading-tight font-bold"
        >
          {other?.user ? (
            <Link to={`/members/${other.userId}`} className="hover:text-accent hover:underline">
              {title}
            </Link>
          ) : (
            title
          )}
        </Heading>
        <p className="truncate text-sm text-faint">
          {other
            ? !chat.blocked && <OnlineStatus userId={other.userId} />
            : t("chat.memberCount", { count: chat.memberCount })}
        </p>
      </div>
      {!isDirectChat(chat) && (
        <LinkButton to={`/chats/${chat.id}/group`} variant="plain" className="px-3">
          <UsersRound className="size-4.5" aria-hidden />
          <span className="max-sm:sr-only">{t("chat.chatHeader.group")}</span>
        </LinkButton>
      )}
    </div>
  );
}

function OnlineStatus({ userId }: { userId: string }) {
  return usePresence(onlineQuery).includes(userId) ? t("chat.online") : t("chat.offline");
}
