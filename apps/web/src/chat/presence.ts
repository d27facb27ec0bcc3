import { type QueryClient, queryOptions, skipToken, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { liveQueryKey } from "../lib/query-keys.ts";

/** Users who are typing in a chat, or online: user id → timer that ends it. In memory only. */
type PresenceMap = ReadonlyMap<string, ReturnType<typeof setTimeout>>;

const noPresence: PresenceMap = new Map();

/** Who is typing in a chat. */
export function typingQuery(chatId: string) {
  return presenceQuery("typing", chatId);
}

/** Who is online, of those with whom the member has a direct chat. */
export const onlineQuery = presenceQuery("online", "");

type PresenceQuery = ReturnType<typeof presenceQuery>;

function presenceQuery(kind: "typing" | "online", chatId: string) {
  return queryOptions({
    queryKey: [...liveQueryKey, kind, chatId],
    queryFn: skipToken,
    initialData: noPresence,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** The ids of the users who are present: typing in the chat, or online. */
export function usePresence(query: PresenceQuery): readonly string[] {
  const { data = noPresence } = useQuery(query);
  return useMemo(() => [...data.keys()], [data]);
}

/** Marks a user as present; the mark expires after `ttlMs` unless it is renewed. */
export function setPresent(
  client: QueryClient,
  query: PresenceQuery,
  userId: string,
  ttlMs: number,
): void {
  const timer = setTimeout(() => clearPresent(client, query, userId), ttlMs);
  updatePresence(client, query, userId, (present) => present.set(userId, timer));
}

/** Removes the mark and its timer. */
export function clearPresent(client: QueryClient, query: PresenceQuery, userId: string): void {
  if (client.getQueryData(query.queryKey)?.has(userId)) {
    updatePresence(client, query, userId, (present) => present.delete(userId));
  }
}

function updatePresence(
  client: QueryClient,
  { queryKey }: PresenceQuery,
  userId: string,
  edit: (present: Map<string, ReturnType<typeof setTimeout>>) => void,
): void {
  client.setQueryData(queryKey, (before) => {
    clearTimeout(before?.get(userId));
    const present = new Map(before);
    edit(present);
    return present;
  });
}
