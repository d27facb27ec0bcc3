import { useQuery } from "@tanstack/react-query";
import { chatsQuery, countUnreadChats } from "../../chat/chat-queries.ts";
import { t } from "../../lib/messages.ts";
import { CountBadge } from "./count-badge.tsx";

/** The number of chats with unread messages, on the icon of chats. */
export default function UnreadBadge() {
  const { data: count = 0 } = useQuery({ ...chatsQuery, select: countUnreadChats });
  if (count === 0) return null;
  return (
    <>
      <CountBadge count={count} className="-top-2 start-3" />
      <span className="sr-only">{t("app.frame.unread", { count })}, </span>
    </>
  );
}
