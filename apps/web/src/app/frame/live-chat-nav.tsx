import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { chatsQuery, countUnreadChats } from "../../chat/chat-queries.ts";
import { startSendingPending } from "../../chat/pending-messages.ts";
import { startChatStream } from "../../live/chat-stream.ts";
import { incomingRequestCountQuery } from "../../people/relation-queries.ts";
import { ChatNav } from "./chat-nav.tsx";

/** Runs the chat stream and the sender of pending messages while it is mounted, and shows the counts. */
export default function LiveChatNav({ userId }: { userId: string }) {
  const client = useQueryClient();
  useEffect(() => startChatStream(client, userId), [client, userId]);
  useEffect(() => startSendingPending(client, userId), [client, userId]);
  const { data: requests = 0 } = useQuery(incomingRequestCountQuery);
  const { data: unread = 0 } = useQuery({ ...chatsQuery, select: countUnreadChats });
  return <ChatNav requestCount={requests} unreadCount={unread} />;
}
