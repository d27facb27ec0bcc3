import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { errorMessage } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { toast } from "../ui/toasts.ts";
import { type ChatLog, messagesOf, withMessage, withOlderPage } from "./chat-log.ts";
import { logQuery, updateCachedChat } from "./chat-queries.ts";
import { applyRead } from "./chat-reducer.ts";
import { toggleReaction } from "./reactions.ts";
import { readLogPage } from "./read-log-page.ts";
import { isStreamConnected, onStreamStatusChange } from "./stream-status.ts";

/** Loads the page before what is loaded. */
export function useLoadOlderMessages({ id, kind }: Chat) {
  const client = useQueryClient();
  const { queryKey } = logQuery(id);
  return useMutation({
    mutationFn: async (size: number) => {
      const log = client.getQueryData(queryKey);
      if (!log?.olderPageToken) return log;
      const untilSeq = (log.items[0]?.seq ?? 1) - 1;
      const page = await readLogPage({ id, kind, untilSeq }, log.olderPageToken, undefined, size);
      return client.setQueryData(
        queryKey,
        (now) => now && withOlderPage(now, log.olderPageToken, page),
      );
    },
  });
}

/** What a member does to messages. It shows at once, where it is sure enough. */
export function useMessageMutations({ id: chatId }: Chat, userId: string) {
  const client = useQueryClient();
  const query = logQuery(chatId);
  const show = (message: Message) =>
    client.setQueryData(query.queryKey, (log) => log && withMessage(log, message));
  const react = useMutation({
    mutationFn: ({ message, emoji, remove }: ReactionChange) =>
      chats.reactToMessage({ chatId, seq: message.seq, emoji, remove }),
    onMutate: ({ message, emoji }) => show(toggleReaction(message, emoji, userId)),
    onError: (error) => {
      toast(errorMessage(error));
      return client.invalidateQueries(query);
    },
  });
  const edit = useMutation({
    mutationFn: ({ seq, text }: { seq: number; text: string }) =>
      chats.editMessage({ chatId, seq, text }),
    onSuccess: show,
  });
  const remove = useMutation({
    mutationFn: (seq: number) => chats.deleteMessage({ chatId, seq }),
    onSuccess: show,
  });
  return { react, edit, remove };
}

type ReactionChange = { message: Message; emoji: string; remove: boolean };

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
