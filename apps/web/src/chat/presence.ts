import { type QueryClient, queryOptions, skipToken, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { talkKey } from "./chat-queries.ts";

/** People of whom something is so for a moment, with the timers that end it. */
type Present = ReadonlyMap<string, ReturnType<typeof setTimeout>>;

const nobody: Present = new Map();

/** Who is writing in a chat. */
export function typingQuery(chatId: string) {
  return momentQuery("typing", chatId);
}

/** Who is there, of those with whom the member has a direct chat. */
export const onlineQuery = momentQuery("online", "");

type MomentQuery = ReturnType<typeof momentQuery>;

function momentQuery(kind: "typing" | "online", of: string) {
  return queryOptions({
    queryKey: [...talkKey, kind, of],
    queryFn: skipToken,
    initialData: nobody,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** The user ids of those of whom it is so. */
export function useMoment(query: MomentQuery): readonly string[] {
  const { data = nobody } = useQuery(query);
  return useMemo(() => [...data.keys()], [data]);
}

/** Says that it is so of somebody, for so long. */
export function begin(client: QueryClient, query: MomentQuery, userId: string, ms: number): void {
  const timer = setTimeout(() => end(client, query, userId), ms);
  change(client, query, userId, (present) => present.set(userId, timer));
}

/** Says that it is over. */
export function end(client: QueryClient, query: MomentQuery, userId: string): void {
  if (client.getQueryData(query.queryKey)?.has(userId)) {
    change(client, query, userId, (present) => present.delete(userId));
  }
}

function change(
  client: QueryClient,
  { queryKey }: MomentQuery,
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
