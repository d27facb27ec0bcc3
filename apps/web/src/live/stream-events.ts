import type { Chat } from "@plaza/contract/chat/v1/chats";
import {
  type Entry,
  Entry_Type,
  Signal_Type as Kind,
  type Signal,
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

/** Where a stream is to begin or go on, as `allPositions` says it, for all that is kept here to be told what it lacks. */
export function prepareStreamPositions(client: QueryClient, chats: readonly Chat[]): string[] {
  for (const { id, lastSeq } of chats) {
    initStreamPosition(id, lastSeq);
    const query = logQuery(id);
    const log = client.getQueryData(query.queryKey);
    // It was read before the list was: what lies between is not told.
    if (log && log.seq < streamPosition(id)) void client.invalidateQueries(query);
  }
  return listStreamPositions();
}

/** Does what the stream tells to all that is kept here of the member's chats and friends. */
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
  // A chat that is new here, or of which entries passed by, is read whole.
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

/** Takes the chat off the list. Whoever looks at it sees why. */
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
  const { chatId, userId: whose, type, readNumber } = signal;
  if (type === Kind.READ) {
    updateCachedChat(client, chatId, (chat: Chat) => applyRead(chat, whose, readNumber, userId));
  }
  if (whose === userId) return;
  if (type === Kind.TYPING) setPresent(client, typingQuery(chatId), whose, typingTtlMs);
  if (type === Kind.ONLINE) setPresent(client, onlineQuery, whose, onlineTtlMs);
  if (type === Kind.OFFLINE) clearPresent(client, onlineQuery, whose);
}
