import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { chats } from "../lib/member-clients.ts";
import { updateCachedChat } from "./chat-cache.ts";
import { type ChatLog, messagesOf } from "./chat-log.ts";
import { applyRead } from "./chat-reducer.ts";
import { isStreamConnected, onStreamStatusChange } from "./stream-status.ts";

/**
 * Tells how far the member has read, which is to the end for as long as he looks at it. Answers the number of
 * the message behind which the news began when he came, or came back.
 */
export function useReadCursor(
  chat: Chat,
  log: ChatLog | undefined,
  isAtEnd: boolean,
  userId: string,
) {
  const client = useQueryClient();
  const isVisible = useSyncExternalStore(
    onVisibilityChange,
    () => document.visibilityState === "visible",
  );
  const isWatching = isAtEnd && isVisible && log !== undefined;
  const newest = (log && messagesOf(log).at(-1)?.number) ?? 0;
  const readNumber = chat.messageCount - chat.unreadCount;
  const [news, setNews] = useState(readNumber);
  const seen = useRef(readNumber);
  const sawAll = useRef(chat.unreadCount === 0);

  useEffect(() => {
    if (isWatching) sawAll.current = newest <= news;
  }, [isWatching]);
  useEffect(() => {
    if (isWatching && sawAll.current) setNews(newest);
    if (!isWatching && newest > seen.current) setNews(seen.current);
    if (isWatching) seen.current = newest;
  }, [isWatching, newest]);

  const isUp = useSyncExternalStore(onStreamStatusChange, isStreamConnected);
  const isDue = isUp && isWatching && chat.unreadCount > 0 && newest > 0;
  useEffect(() => {
    if (!isDue) return;
    chats
      .markRead({ chatId: chat.id, number: newest })
      // Without an answer it is told when the connection is back, or with the next message.
      .then(() =>
        updateCachedChat(client, chat.id, (now) => applyRead(now, userId, newest, userId)),
      )
      .catch(() => undefined);
  }, [client, chat.id, isDue, newest, userId]);
  return news;
}

function onVisibilityChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
