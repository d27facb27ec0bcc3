import type { Chat } from "@plaza/contract/chat/v1/chats";
import {
  type Entry,
  Entry_Type,
  Signal_Type as Kind,
  type Signal,
  type SubscribeResponse,
} from "@plaza/contract/chat/v1/stream";
import type { QueryClient } from "@tanstack/react-query";
import { logAfter } from "../chat/chat-log.ts";
import { changeChat, chatQuery, chatsQuery, logQuery } from "../chat/chat-queries.ts";
import { chatAfter, chatReadBy, isRemovalOf } from "../chat/chat-reducer.ts";
import { begin, end, onlineQuery, typingQuery } from "../chat/presence.ts";
import {
  allPositions,
  beginAt,
  forgetPosition,
  moveOn,
  positionIn,
} from "../chat/stream-positions.ts";
import { refreshRelation } from "../people/friends.ts";

const typingMs = 6_000;
const onlineMs = 75_000;

/** Where a stream is to begin or go on, as `allPositions` says it, for all that is kept here to be told what it lacks. */
export function prepare(client: QueryClient, chats: readonly Chat[]): string[] {
  for (const { id, lastSeq } of chats) {
    beginAt(id, lastSeq);
    const query = logQuery(id);
    const log = client.getQueryData(query.queryKey);
    // It was read before the list was: what lies between is not told.
    if (log && log.seq < positionIn(id)) void client.invalidateQueries(query);
  }
  return allPositions();
}

/** Does what the stream tells to all that is kept here of the member's chats and friends. */
export function take(
  client: QueryClient,
  userId: string,
  { event }: Pick<SubscribeResponse, "event">,
): void {
  if (event.case === "entry") takeEntry(client, userId, event.value);
  if (event.case === "signal") takeSignal(client, userId, event.value);
  if (event.case === "relationChanged") refreshRelation(client, event.value.userId);
}

function takeEntry(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId, seq } = entry;
  if (!moveOn(chatId, seq)) return;
  takeToLog(client, entry);
  if (entry.type === Entry_Type.POSTED) end(client, typingQuery(chatId), entry.userId);
  if (isRemovalOf(entry, userId)) leave(client, userId, entry);
  else takeToChat(client, userId, entry);
}

function takeToChat(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId } = entry;
  let isMissing = !client.getQueryData(chatsQuery.queryKey)?.some(({ id }) => id === chatId);
  changeChat(client, chatId, (chat) => {
    const after = chatAfter(chat, entry, userId);
    isMissing ||= after === undefined;
    return after ?? chat;
  });
  // A chat that is new here, or of which entries passed by, is read whole.
  if (isMissing)
    void client.fetchQuery({ ...chatQuery(chatId), staleTime: 0 }).catch(() => undefined);
}

function takeToLog(client: QueryClient, entry: Entry): void {
  const query = logQuery(entry.chatId);
  const log = client.getQueryData(query.queryKey);
  if (!log) return;
  const after = logAfter(log, entry);
  if (after) client.setQueryData(query.queryKey, after);
  else void client.invalidateQueries(query);
}

/** Takes the chat off the list. Whoever looks at it sees why. */
function leave(client: QueryClient, userId: string, entry: Entry): void {
  const { chatId } = entry;
  forgetPosition(chatId);
  client.setQueryData(chatsQuery.queryKey, (all) => all?.filter(({ id }) => id !== chatId));
  client.setQueryData(chatQuery(chatId).queryKey, (chat) => chat && chatAfter(chat, entry, userId));
}

function takeSignal(client: QueryClient, userId: string, signal: Signal): void {
  const { chatId, userId: whose, type, readNumber } = signal;
  if (type === Kind.READ) {
    changeChat(client, chatId, (chat: Chat) => chatReadBy(chat, whose, readNumber, userId));
  }
  if (whose === userId) return;
  if (type === Kind.TYPING) begin(client, typingQuery(chatId), whose, typingMs);
  if (type === Kind.ONLINE) begin(client, onlineQuery, whose, onlineMs);
  if (type === Kind.OFFLINE) end(client, onlineQuery, whose);
}
