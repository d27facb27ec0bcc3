import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { errorMessage } from "../lib/error-messages.ts";
import { toast } from "../ui/toasts.ts";
import { logQuery } from "./chat-queries.ts";
import { useLoadOlderMessages } from "./use-load-older-messages.ts";
import type { ScrollAnchor } from "./use-scroll-anchor.ts";

const jumpPageSize = 100;
const maxPages = 20;
const maxFrames = 60;
const highlightMs = 1_600;

/** Leads to a message and marks it for a moment; what lies between is loaded on the way. */
export function useJumpToMessage(
  chat: Chat,
  { content, show }: ScrollAnchor,
): (seq: number) => Promise<void> {
  const client = useQueryClient();
  const { mutateAsync: loadOlder } = useLoadOlderMessages(chat);
  const { id } = chat;
  return useCallback(
    async (seq) => {
      try {
        let log = client.getQueryData(logQuery(id).queryKey);
        for (
          let n = 0;
          n < maxPages && log?.olderPageToken && (log.items[0]?.seq ?? 0) > seq;
          n += 1
        ) {
          log = await loadOlder(jumpPageSize);
        }
      } catch (error) {
        return toast(errorMessage(error));
      }
      const row = await waitForElement(() => content.current?.querySelector(`[data-seq="${seq}"]`));
      if (!(row instanceof HTMLElement)) return toast("This message is too far back.");
      show(row, 0.3);
      row.dataset["found"] = "";
      setTimeout(() => delete row.dataset["found"], highlightMs);
    },
    [client, content, id, loadOlder, show],
  );
}

/** What was loaded is on the page some frames later. */
async function waitForElement(
  find: () => Element | null | undefined,
): Promise<Element | undefined> {
  for (let frame = 0; frame < maxFrames; frame += 1) {
    const row = find();
    if (row) return row;
    await new Promise(requestAnimationFrame);
  }
  return undefined;
}
