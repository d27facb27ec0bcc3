import { MessagesSquare, Users } from "lucide-react";
import { CountedLink } from "./badge-link.tsx";

type TalkLinksProps = { requests?: number; unread?: number };

/** The ways to friends and chats, with how many wait for an answer. */
export function TalkLinks({ requests = 0, unread = 0 }: TalkLinksProps) {
  return (
    <>
      <CountedLink
        to="/friends"
        name="Friends"
        icon={<Users aria-hidden />}
        count={requests}
        meaning={requests === 1 ? "1 request" : `${requests} requests`}
      />
      <CountedLink
        to="/chats"
        name="Chats"
        icon={<MessagesSquare aria-hidden />}
        count={unread}
        meaning={`${unread} unread`}
      />
    </>
  );
}
