import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { withOlderPage } from "./chat-log.ts";
import { logQuery } from "./chat-queries.ts";
import { readLogPage } from "./read-log-page.ts";

/** Loads the next older page into the log; the argument is the page size. */
export function useLoadOlderMessages({ id, kind }: Chat) {
  const client = useQueryClient();
  const { queryKey } = logQuery(id);
  return useMutation({
    mutationFn: async (size: number) => {
      const log = client.getQueryData(queryKey);
      if (!log?.olderPageToken) return log;
      const untilSeq = (log.items[0]?.seq ?? 1) - 1;
      const page = await readLogPage({ id, kind, untilSeq }, log.olderPageToken, undefined, size);
      return client.setQueryData(
        queryKey,
        (now) => now && withOlderPage(now, log.olderPageToken, page),
      );
    },
  });
}
