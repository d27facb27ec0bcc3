import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { QueryClient } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { namedFor } from "../lib/account-guard.ts";
import { reasonOf } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { newKey } from "../posts/draft-storage.ts";
import { withMessage } from "./chat-log.ts";
import { chatQuery, logQuery } from "./chat-queries.ts";
import { startSending } from "./message-sender.ts";
import { isAboutLetters, type Letter, outboxOf } from "./pending-message-store.ts";
import { onLiveChange } from "./stream-status.ts";

/** Sends what the member writes, now and whenever there is a way to the server, until stopped. */
export function sendLetters(client: QueryClient, userId: string): () => void {
  const outbox = outboxOf(userId);
  // Other windows may have changed it while nobody listened here.
  outbox.reread();
  const headers = namedFor(userId);
  const sending = startSending(outbox, async (letter, signal) => {
    const { key: idempotencyKey, chatId, text, replyToSeq } = letter;
    try {
      const request = { chatId, text, replyToSeq, idempotencyKey };
      const message = await chats.sendMessage(request, { signal, headers });
      if (!signal.aborted) show(client, message);
      return message;
    } catch (error) {
      if (about.has(reasonOf(error) ?? "")) void client.invalidateQueries(chatQuery(chatId));
      throw error;
    }
  });
  const hearOthers = ({ key }: StorageEvent) => {
    if (isAboutLetters(key)) outbox.reread();
  };
  const stopListening = onLiveChange(sending.hurry);
  window.addEventListener("online", sending.hurry);
  window.addEventListener("storage", hearOthers);
  return () => {
    sending.stop();
    stopListening();
    window.removeEventListener("online", sending.hurry);
    window.removeEventListener("storage", hearOthers);
  };
}

/** Refusals that tell something new about the chat. */
const about = new Set(["CHAT_BLOCKED", "NO_SUCH_CHAT"]);

/** The letters of the member to one chat. */
export function useLetters(userId: string, chatId: string): readonly Letter[] {
  const outbox = outboxOf(userId);
  const letters = useSyncExternalStore(outbox.subscribe, outbox.letters);
  return useMemo(() => letters.filter((letter) => letter.chatId === chatId), [letters, chatId]);
}

/** Writes a letter, which is sent at once if it can be. */
export function write(
  userId: string,
  { id: chatId, lastSeq: afterSeq }: Pick<Chat, "id" | "lastSeq">,
  words: { text: string; replyToSeq: number },
): void {
  const outbox = outboxOf(userId);
  const last = outbox.letters().at(-1)?.writtenAt ?? 0;
  const writtenAt = Math.max(Date.now(), last + 1);
  outbox.put({ ...words, chatId, afterSeq, key: newKey(), writtenAt });
}

/** Sends a letter again that was refused. */
export function retry(userId: string, { refusal: _, ...letter }: Letter): void {
  outboxOf(userId).put(letter);
}

export function discard(userId: string, { key }: Letter): void {
  outboxOf(userId).remove(key);
}

/** Shows what is said before the stream tells of it. */
function show(client: QueryClient, message: Message): void {
  client.setQueryData(logQuery(message.chatId).queryKey, (log) => log && withMessage(log, message));
}
