import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { QueryClient } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { accountHeaders } from "../lib/account-guard.ts";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { chats } from "../lib/member-clients.ts";
import { withMessage } from "./chat-log.ts";
import { chatQuery, logQuery } from "./chat-queries.ts";
import { startMessageSender } from "./message-sender.ts";
import {
  isPendingMessageKey,
  type PendingMessage,
  pendingMessageStore,
} from "./pending-message-store.ts";
import { onStreamStatusChange } from "./stream-status.ts";

/** Sends what the member writes, now and whenever there is a way to the server, until stopped. */
export function startSendingPending(client: QueryClient, userId: string): () => void {
  const outbox = pendingMessageStore(userId);
  // Other windows may have changed it while nobody listened here.
  outbox.reload();
  const headers = accountHeaders(userId);
  const sending = startMessageSender(outbox, async (letter, signal) => {
    const { key: idempotencyKey, chatId, text, replyToSeq } = letter;
    try {
      const request = { chatId, text, replyToSeq, idempotencyKey };
      const message = await chats.sendMessage(request, { signal, headers });
      if (!signal.aborted) cacheMessage(client, message);
      return message;
    } catch (error) {
      if (chatChangedReasons.has(reasonOf(error) ?? ""))
        void client.invalidateQueries(chatQuery(chatId));
      throw error;
    }
  });
  const hearOthers = ({ key }: StorageEvent) => {
    if (isPendingMessageKey(key)) outbox.reload();
  };
  const stopListening = onStreamStatusChange(sending.retryNow);
  window.addEventListener("online", sending.retryNow);
  window.addEventListener("storage", hearOthers);
  return () => {
    sending.stop();
    stopListening();
    window.removeEventListener("online", sending.retryNow);
    window.removeEventListener("storage", hearOthers);
  };
}

/** Refusals that tell something new about the chat. */
const chatChangedReasons = new Set(["CHAT_BLOCKED", "NO_SUCH_CHAT"]);

/** The letters of the member to one chat. */
export function usePendingMessages(userId: string, chatId: string): readonly PendingMessage[] {
  const outbox = pendingMessageStore(userId);
  const letters = useSyncExternalStore(outbox.subscribe, outbox.list);
  return useMemo(() => letters.filter((letter) => letter.chatId === chatId), [letters, chatId]);
}

/** Writes a letter, which is sent at once if it can be. */
export function queueMessage(
  userId: string,
  { id: chatId, lastSeq: afterSeq }: Pick<Chat, "id" | "lastSeq">,
  draft: { text: string; replyToSeq: number },
): void {
  const outbox = pendingMessageStore(userId);
  const last = outbox.list().at(-1)?.writtenAt ?? 0;
  const writtenAt = Math.max(Date.now(), last + 1);
  outbox.put({ ...draft, chatId, afterSeq, key: newIdempotencyKey(), writtenAt });
}

/** Sends a letter again that was refused. */
export function retryPendingMessage(
  userId: string,
  { refusal: _, ...letter }: PendingMessage,
): void {
  pendingMessageStore(userId).put(letter);
}

export function discardPendingMessage(userId: string, { key }: PendingMessage): void {
  pendingMessageStore(userId).remove(key);
}

/** Shows what is said before the stream tells of it. */
function cacheMessage(client: QueryClient, message: Message): void {
  client.setQueryData(logQuery(message.chatId).queryKey, (log) => log && withMessage(log, message));
}
