import type { Chat } from "@plaza/contract/chat/v1/chats";
import {
  type Entry,
  Entry_Type,
  type Signal,
  Signal_Type,
  type SubscribeResponse,
} from "@plaza/contract/chat/v1/stream";
import type { QueryClient } from "@tanstack/react-query";
import { invalidateDirectChat, updateCachedChat } from "../chat/chat-cache.ts";
import { logReducer } from "../chat/chat-log.ts";
import { chatQuery, chatsQuery, logQuery } from "../chat/chat-queries.ts";
import { applyRead, chatReducer, isRemovalOf } from "../chat/chat-reducer.ts";
import { clearPresent, onlineQuery, setPresent, typingQuery } from "../chat/presence.ts";
import {
  advanceStreamPosition,
  deleteStreamPosition,
  initStreamPosition,
  listStreamPositions,
  streamPosition,
} from "../chat/stream-positions.ts";
import { invalidateRelation } from "../people/relation-queries.ts";

const typingTtlMs = 6_000;
const onlineTtlMs = 75_000;

/**
 * Gives each chat a position unless it has one, invalidates logs that end before theirs, and returns the resume
 * tokens.
 */
export function prepareStreamPositions(client: QueryClient, chats: readonly Chat[]): string[] {
  for (const { id, lastSeq } of chats) {
    initStreamPosition(id, lastSeq);
    const query = logQuery(id);
    const log = client.getQueryData(query.queryKey);
    // The log was read before the list: the stream does not deliver the entries between them.
    if (log && log.seq < streamPosition(id)) void client.invalidateQueries(query);
  }
  return listStreamPositions();
}

/** Applies one stream event to the query cache. `userId` is the member who is signed in. */
export function applyStreamEvent(
  client: QueryClient,
  userId: string,
  { event }: Pick<SubscribeResponse, "event">,
): void {
  if (event.case === "entry") applyEntry(client, userId, event.value);
  if (event.case === "signal") applySignal(client, userId, event.value);
  if (event.case === "relationChanged") {
    invalidateRelation(client, event.value.userId);
    invalidateDirectChat(client, event.value.userId);
  }
}

function applyEntry(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId, seq } = entry;
  if (!advanceStreamPosition(chatId, seq)) return;
  applyEntryToLog(client, entry);
  if (entry.type === Entry_Type.POSTED) clearPresent(client, typingQuery(chatId), entry.userId);
  if (isRemovalOf(entry, userId)) removeCachedChat(client, userId, entry);
  else applyEntryToChat(client, userId, entry);
}

function applyEntryToChat(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId } = entry;
  let isMissing = !client.getQueryData(chatsQuery.queryKey)?.some(({ id }) => id === chatId);
  updateCachedChat(client, chatId, (chat) => {
    const after = chatReducer(chat, entry, userId);
    isMissing ||= after === undefined;
    return after ?? chat;
  });
  // Fetches a chat that is not in the list, or of which entries are missing.
  if (isMissing)
    void client.fetchQuery({ ...chatQuery(chatId), staleTime: 0 }).catch(() => undefined);
}

function applyEntryToLog(client: QueryClient, entry: Entry): void {
  const query = logQuery(entry.chatId);
  const log = client.getQueryData(query.queryKey);
  if (!log) return;
  const after = logReducer(log, entry);
  if (after) client.setQueryData(query.queryKey, after);
  else void client.invalidateQueries(query);
}

/** Removes the chat from the list; its own query keeps the final state, so that an open page can explain it. */
function removeCachedChat(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId } = entry;
  deleteStreamPosition(chatId);
  client.setQueryData(chatsQuery.queryKey, (all) => all?.filter(({ id }) => id !== chatId));
  client.setQueryData(
    chatQuery(chatId).queryKey,
    (chat) => chat && chatReducer(chat, entry, userId),
  );
}

function applySignal(client: QueryClient, userId: string, signal: Signal): void {
  const { chatId, userId: senderId, type, readNumber } = signal;
  if (type === Signal_Type.READ) {
    updateCachedChat(client, chatId, (chat: Chat) => applyRead(chat, senderId, readNumber, userId));
  }
  if (senderId === userId) return;
  if (type === Signal_Type.TYPING) setPresent(client, typingQuery(chatId), senderId, typingTtlMs);
  if (type === Signal_Type.ONLINE) setPresent(client, onlineQuery, senderId, onlineTtlMs);
  if (type === Signal_Type.OFFLINE) clearPresent(client, onlineQuery, senderId);
}
