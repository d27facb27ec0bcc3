import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { QueryClient } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { accountHeaders } from "../lib/account-guard.ts";
import { chats } from "../lib/clients.ts";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { withMessage } from "./chat-log.ts";
import { chatQuery, logQuery } from "./chat-queries.ts";
import { startMessageSender } from "./message-sender.ts";
import {
  isPendingMessageKey,
  type PendingMessage,
  pendingMessageStore,
} from "./pending-message-store.ts";
import { onStreamStatusChange } from "./stream-status.ts";

/** Sends the member's pending messages as soon as the server can be reached; the returned function stops that. */
export function startSendingPending(client: QueryClient, userId: string): () => void {
  const store = pendingMessageStore(userId);
  // Other windows may have changed the storage since the store was opened.
  store.reload();
  const headers = accountHeaders(userId);
  const sender = startMessageSender(store, async (pending, signal) => {
    const { key: idempotencyKey, chatId, text, replyToSeq } = pending;
    try {
      const request = { chatId, text, replyToSeq, idempotencyKey };
      const message = await chats.sendMessage(request, { signal, headers });
      if (!signal.aborted) cacheMessage(client, message);
      return message;
    } catch (error) {
      if (chatChangedReasons.has(reasonOf(error) ?? "")) {
        void client.invalidateQueries(chatQuery(chatId));
      }
      throw error;
    }
  });
  const onStorage = ({ key }: StorageEvent) => {
    if (isPendingMessageKey(key)) store.reload();
  };
  const stopListening = onStreamStatusChange(sender.retryNow);
  window.addEventListener("online", sender.retryNow);
  window.addEventListener("storage", onStorage);
  return () => {
    sender.stop();
    stopListening();
    window.removeEventListener("online", sender.retryNow);
    window.removeEventListener("storage", onStorage);
  };
}

/** Rejections after which the cached chat is out of date. */
const chatChangedReasons = new Set(["CHAT_BLOCKED", "NO_SUCH_CHAT"]);

/** The member's pending messages to one chat. */
export function usePendingMessages(userId: string, chatId: string): readonly PendingMessage[] {
  const store = pendingMessageStore(userId);
  const all = useSyncExternalStore(store.subscribe, store.list);
  return useMemo(() => all.filter((pending) => pending.chatId === chatId), [all, chatId]);
}

/** Stores a message to be sent; the running sender sends it as soon as it can. */
export function queueMessage(
  userId: string,
  { id: chatId, lastSeq: afterSeq }: Pick<Chat, "id" | "lastSeq">,
  draft: { text: string; replyToSeq: number },
): void {
  const store = pendingMessageStore(userId);
  const last = store.list().at(-1)?.writtenAt ?? 0;
  const writtenAt = Math.max(Date.now(), last + 1);
  store.put({ ...draft, chatId, afterSeq, key: newIdempotencyKey(), writtenAt });
}

/** Sends a rejected message again. */
export function retryPendingMessage(
  userId: string,
  { refusal: _, ...pending }: PendingMessage,
): void {
  pendingMessageStore(userId).put(pending);
}

export function discardPendingMessage(userId: string, { key }: PendingMessage): void {
  pendingMessageStore(userId).remove(key);
}

/** Adds a sent message to the log; the stream may deliver it later. */
function cacheMessage(client: QueryClient, message: Message): void {
  client.setQueryData(logQuery(message.chatId).queryKey, (log) => log && withMessage(log, message));
}
