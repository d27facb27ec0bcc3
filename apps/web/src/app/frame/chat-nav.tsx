import { MessagesSquare, Users } from "lucide-react";
import { BadgeLink } from "./badge-link.tsx";

type ChatNavProps = { requestCount?: number; unreadCount?: number };

/** The links to friends and chats, with the numbers of incoming requests and unread chats. */
export function ChatNav({ requestCount = 0, unreadCount = 0 }: ChatNavProps) {
  return (
    <>
      <BadgeLink
        to="/friends"
        label="Friends"
        icon={<Users aria-hidden />}
        count={requestCount}
        countLabel={requestCount === 1 ? "1 request" : `${requestCount} requests`}
      />
      <BadgeLink
        to="/chats"
        label="Chats"
        icon={<MessagesSquare aria-hidden />}
        count={unreadCount}
        countLabel={`${unreadCount} unread`}
        className="max-md:hidden"
      />
    </>
  );
}
