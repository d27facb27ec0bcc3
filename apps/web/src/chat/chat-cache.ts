import { type Chat, Chat_Kind } from "@plaza/contract/chat/v1/chats";
import type { QueryClient } from "@tanstack/react-query";
import { chatQuery, chatQueryKey, chatsQuery } from "./chat-queries.ts";

/** Writes a chat to the list and to its own query, unless the cached one has a higher lastSeq. */
export function cacheChat(client: QueryClient, chat: Chat): void {
  const isNewer = (other: Chat | undefined) => (other?.lastSeq ?? 0) > chat.lastSeq;
  client.setQueryData(chatQuery(chat.id).queryKey, (cached) => (isNewer(cached) ? cached : chat));
  client.setQueryData(chatsQuery.queryKey, (all) => {
    const cached = all?.find(({ id }) => id === chat.id);
    if (!all || isNewer(cached)) return all;
    return [chat, ...all.filter(({ id }) => id !== chat.id)];
  });
}

/** Changes a chat in the list and in its own query. */
export function updateCachedChat(
  client: QueryClient,
  id: string,
  change: (chat: Chat) => Chat,
): void {
  client.setQueryData(chatQuery(id).queryKey, (chat) => chat && change(chat));
  client.setQueryData(chatsQuery.queryKey, (all) =>
    all?.map((chat) => (chat.id === id ? change(chat) : chat)),
  );
}

/** The direct chat with a user, if there is one in the list. */
function findCachedDirectChat(client: QueryClient, userId: string): Chat | undefined {
  const all = client.getQueryData(chatsQuery.queryKey);
  return all?.find(
    ({ kind, members }) =>
      kind === Chat_Kind.DIRECT && members.some((member) => member.userId === userId),
  );
}

/** Refetches the direct chat with a user: whether the two can write to each other depends on their relation. */
export function invalidateDirectChat(client: QueryClient, userId: string): void {
  const chat = findCachedDirectChat(client, userId);
  if (chat) void client.invalidateQueries(chatQuery(chat.id));
}

/** Refetches the chats that were read one by one, but not the list of all and the logs. */
export function invalidateChats(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: chatQueryKey });
}

/** Marks the direct chat with a user as blocked or not; the chat's log has no entry for that. */
export function cacheUserBlock(client: QueryClient, userId: string, blocked: boolean): void {
  const chat = findCachedDirectChat(client, userId);
  if (chat) updateCachedChat(client, chat.id, (before) => ({ ...before, blocked }));
}
