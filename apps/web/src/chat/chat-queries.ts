import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { chats } from "../lib/clients.ts";
import { pageOptions } from "../lib/list-queries.ts";
import { liveQueryKey } from "../lib/query-keys.ts";
import { createLog } from "./chat-log.ts";
import { compareByActivity } from "./chat-reducer.ts";
import { readLogPage } from "./read-log-page.ts";
import { streamPosition } from "./stream-positions.ts";

const chatPageSize = 100;
/** An answer can be older than what the stream has delivered: it is read again, at most three times in all. */
const maxReadAttempts = 3;

/** All chats of the member, the most recent activity first. The stream keeps them current. */
export const chatsQuery = queryOptions({
  queryKey: [...liveQueryKey, "chats"],
  queryFn: async ({ signal }) => {
    const all: Chat[] = [];
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page = await chats.listChats({ pageSize: chatPageSize, pageToken }, { signal });
      all.push(...page.chats);
      pageToken = page.nextPageToken || undefined;
    }
    return all;
  },
  select: (all) => all.toSorted(compareByActivity),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

export const chatQueryKey = [...liveQueryKey, "chat"];

/** One chat with its members. */
export function chatQuery(id: string) {
  return queryOptions({
    queryKey: [...chatQueryKey, id],
    queryFn: ({ client, signal }) => readChat(client, id, signal),
  });
}

/** The loaded part of a chat's log. The stream keeps it current, hence it is never stale. */
export function logQuery(id: string) {
  return queryOptions({
    queryKey: [...liveQueryKey, "log", id],
    queryFn: async ({ signal }) => {
      const read = async () => {
        // The position first: the messages may be newer than it, but not older.
        const { lastSeq, kind } = await chats.getChat(
          { id, readMask: logPositionReadMask },
          { signal },
        );
        return createLog(lastSeq, await readLogPage({ id, kind, untilSeq: lastSeq }, "", signal));
      };
      return readUntil(read, ({ seq }) => seq >= streamPosition(id));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const logPositionReadMask = { paths: ["kind", "last_seq"] };

/** One message, which may lie outside the loaded log: the one that a reply quotes, for example. */
export function messageQuery(chatId: string, seq: number) {
  return queryOptions({
    queryKey: [...liveQueryKey, "message", chatId, seq],
    queryFn: ({ signal }) => chats.getMessage({ chatId, seq }, { signal }),
  });
}

/** Messages that match a search, in all chats of the member. */
export function messageSearchQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: [...liveQueryKey, "search", query],
    queryFn: ({ pageParam: pageToken, signal }) =>
      chats.searchMessages({ query, pageToken }, { signal }),
    ...pageOptions,
    select: ({ pages }): Message[] => pages.flatMap((page) => page.messages),
  });
}

async function readChat(client: QueryClient, id: string, signal: AbortSignal): Promise<Chat> {
  const answer = await readUntil(
    () => chats.getChat({ id }, { signal }),
    ({ lastSeq }) => lastSeq >= streamPosition(id),
  );
  const chat = withCachedReads(answer, client.getQueryData(chatQuery(id).queryKey));
  client.setQueryData(
    chatsQuery.queryKey,
    (all) => all && [chat, ...all.filter((other) => other.id !== id)],
  );
  return chat;
}

/** Merges the read numbers with the cached ones: a read signal may have arrived during the request. */
function withCachedReads(chat: Chat, cached: Chat | undefined): Chat {
  const cachedNumbers = new Map(
    cached?.members.map(({ userId, readNumber }) => [userId, readNumber]),
  );
  const members = chat.members.map((member) => {
    const readNumber = Math.max(member.readNumber, cachedNumbers.get(member.userId) ?? 0);
    return { ...member, readNumber };
  });
  return { ...chat, members };
}

async function readUntil<T>(
  read: () => Promise<T>,
  isUpToDate: (answer: T) => boolean,
): Promise<T> {
  let answer = await read();
  for (let n = 1; n < maxReadAttempts && !isUpToDate(answer); n += 1) answer = await read();
  return answer;
}

/** The number of chats with unread messages. */
export function countUnreadChats(all: readonly { unreadCount: number }[]): number {
  return all.filter(({ unreadCount }) => unreadCount > 0).length;
}
