import { MessagesSquare, Users } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { BadgeLink } from "./badge-link.tsx";

type ChatNavProps = { requestCount?: number; unreadCount?: number };

/** The links to friends and chats, with the numbers of incoming requests and unread chats. */
export function ChatNav({ requestCount = 0, unreadCount = 0 }: ChatNavProps) {
  return (
    <>
      <BadgeLink
        to="/friends"
        label={t("app.frame.friends", { count: requestCount })}
        icon={<Users aria-hidden />}
        count={requestCount}
      />
      <BadgeLink
        to="/chats"
        label={t("app.frame.unreadChats", { count: unreadCount })}
        icon={<MessagesSquare aria-hidden />}
        count={unreadCount}
        className="max-md:hidden"
      />
    </>
  );
}
