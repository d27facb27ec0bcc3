import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { chats } from "../lib/clients.ts";
import { updateCachedChat } from "./chat-cache.ts";
import { type ChatLog, messagesOf } from "./chat-log.ts";
import { applyRead } from "./chat-reducer.ts";
import { isStreamConnected, onStreamStatusChange } from "./stream-status.ts";

/**
 * Marks the chat as read up to its newest message while the member sees its end. Returns the number of the last
 * message that was read when they opened the chat or came back to it; the unread mark stands after that one.
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
  const { readNumber } = chat;
  const [markNumber, setMarkNumber] = useState(readNumber);
  const seenNumber = useRef(readNumber);
  const sawAll = useRef(chat.unreadCount === 0);

  useEffect(() => {
    if (isWatching) sawAll.current = newest <= markNumber;
  }, [isWatching]);
  useEffect(() => {
    if (isWatching && sawAll.current) setMarkNumber(newest);
    if (!isWatching && newest > seenNumber.current) setMarkNumber(seenNumber.current);
    if (isWatching) seenNumber.current = newest;
  }, [isWatching, newest]);

  const isConnected = useSyncExternalStore(onStreamStatusChange, isStreamConnected);
  const isDue = isConnected && isWatching && chat.unreadCount > 0 && newest > 0;
  useEffect(() => {
    if (!isDue) return;
    chats
      .markRead({ chatId: chat.id, number: newest })
      // A failed request is repeated when the connection is back, or with the next message.
      .then(() =>
        updateCachedChat(client, chat.id, (now) => applyRead(now, userId, newest, userId)),
      )
      .catch(() => undefined);
  }, [client, chat.id, isDue, newest, userId]);
  return markNumber;
}

function onVisibilityChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
