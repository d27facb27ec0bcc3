import { type QueryClient, queryOptions, skipToken, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { liveQueryKey } from "../lib/query-keys.ts";

/** People of whom something is so for a moment, with the timers that end it. */
type PresenceMap = ReadonlyMap<string, ReturnType<typeof setTimeout>>;

const noPresence: PresenceMap = new Map();

/** Who is writing in a chat. */
export function typingQuery(chatId: string) {
  return presenceQuery("typing", chatId);
}

/** Who is there, of those with whom the member has a direct chat. */
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

/** The user ids of those of whom it is so. */
export function usePresence(query: PresenceQuery): readonly string[] {
  const { data = noPresence } = useQuery(query);
  return useMemo(() => [...data.keys()], [data]);
}

/** Says that it is so of somebody, for so long. */
export function setPresent(
  client: QueryClient,
  query: PresenceQuery,
  userId: string,
  ttlMs: number,
): void {
  const timer = setTimeout(() => clearPresent(client, query, userId), ttlMs);
  updatePresence(client, query, userId, (present) => present.set(userId, timer));
}

/** Says that it is over. */
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
