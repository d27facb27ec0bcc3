import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { toast } from "../ui/toasts.ts";
import { logQuery } from "./chat-queries.ts";
import { useLoadOlderMessages } from "./use-load-older-messages.ts";
import type { ScrollAnchor } from "./use-scroll-anchor.ts";

const jumpPageSize = 100;
const maxPages = 20;
const maxFrames = 60;
const highlightMs = 1_600;

/** Scrolls to a message and highlights it for a moment. Loads older pages until the log holds it, at most 20. */
export function useJumpToMessage(
  chat: Chat,
  { content, scrollToRow }: ScrollAnchor,
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
      if (!(row instanceof HTMLElement)) return toast(t("chat.conversation.tooFarBack"));
      scrollToRow(row, 0.3);
      row.dataset["highlighted"] = "";
      setTimeout(() => delete row.dataset["highlighted"], highlightMs);
    },
    [client, content, id, loadOlder, scrollToRow],
  );
}

/** Looks for an element once a frame, at most 60 times: React renders loaded messages some frames later. */
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
