import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { chatsQuery } from "../../chat/chat-queries.ts";
import { sendLetters } from "../../chat/pending-messages.ts";
import { goLive } from "../../live/chat-stream.ts";
import { requestCountQuery } from "../../people/friends.ts";
import { TalkLinks } from "./chat-nav.tsx";

/** Follows what others say to the member, and counts it. Sends what the member says. */
export default function LiveTalkLinks({ userId }: { userId: string }) {
  const client = useQueryClient();
  useEffect(() => goLive(client, userId), [client, userId]);
  useEffect(() => sendLetters(client, userId), [client, userId]);
  const { data: requests = 0 } = useQuery(requestCountQuery);
  const { data: unread = 0 } = useQuery({ ...chatsQuery, select: countUnread });
  return <TalkLinks requests={requests} unread={unread} />;
}

function countUnread(all: readonly { unreadCount: number }[]): number {
  return all.filter(({ unreadCount }) => unreadCount > 0).length;
}
