import type { Chat } from "@plaza/contract/chat/v1/chats";
import { NavLink } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { CompactTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { chatTitle, isDirectChat } from "../chat-title.ts";
import { typingQuery, usePresence } from "../presence.ts";
import { ChatAvatar } from "./chat-avatar.tsx";
import { MessagePreview } from "./message-preview.tsx";
import { SenderName } from "./person-name.tsx";

/** A chat in the list, with its last message, the time, and the unread count. */
export function ChatRow({ chat }: { chat: Chat }) {
  const userId = useSession()?.user.id ?? "";
  const { unreadCount, activeTime } = chat;
  return (
    <li>
      <NavLink
        to={`/chats/${chat.id}`}
        className="flex items-center gap-3 rounded-md px-3 py-2.5 hover:bg-sunken aria-[current=page]:bg-accent-wash"
      >
        <ChatAvatar chat={chat} userId={userId} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span
              dir="auto"
              className="min-w-0 flex-1 truncate text-left rtl:text-right font-semibold"
            >
              {chatTitle(chat, userId)}
            </span>{" "}
            {activeTime && (
              <span className="shrink-0 text-xs text-faint tabular-nums">
                <CompactTime at={activeTime} />
              </span>
            )}
          </span>{" "}
          <span className="flex items-center gap-2">
            <span
              className={`min-w-0 flex-1 truncate text-sm ${unreadCount > 0 ? "font-semibold text-ink" : "text-faint"}`}
            >
              <LastMessagePreview chat={chat} userId={userId} />
            </span>{" "}
            {unreadCount > 0 && <UnreadBadge count={unreadCount} />}
          </span>
        </span>
      </NavLink>
    </li>
  );
}

function LastMessagePreview({ chat, userId }: { chat: Chat; userId: string }) {
  const typing = usePresence(typingQuery(chat.id));
  const { lastMessage: last } = chat;
  if (typing.length > 0) return <span className="text-accent">{t("chat.chatRow.typing")}</span>;
  if (!last) return <span className="italic">{t("chat.chatRow.noMessages")}</span>;
  const text = last.deleteTime ? (
    <span className="truncate pe-0.5 italic">{t("chat.messageDeleted")}</span>
  ) : (
    <MessagePreview className="min-w-0 truncate">{last.text}</MessagePreview>
  );
  const isOwn = last.senderId === userId;
  return (
    <span className="flex gap-1">
      {isOwn || !isDirectChat(chat) ? (
        <Trans
          id="chat.chatRow.lastMessage"
          values={{
            name: <SenderName chat={chat} id={last.senderId} userId={userId} />,
            sender: (name) => <span className="max-w-2/3 shrink-0 truncate">{name}</span>,
            text,
          }}
        />
      ) : (
        text
      )}
    </span>
  );
}

function UnreadBadge({ count }: { count: number }) {
  return (
    <span className="grid min-w-5.5 shrink-0 place-items-center rounded-full bg-fill px-1.5 text-xs leading-5.5 font-bold text-on-fill tabular-nums">
      <span>
        <Trans
          id="chat.chatRow.unread"
          values={{
            count: Math.min(count, 100),
            hidden: (text) => <span className="sr-only">{text}</span>,
          }}
        />
      </span>
    </span>
  );
}
