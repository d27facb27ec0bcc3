import type { Chat } from "@plaza/contract/chat/v1/chats";
import { type RefObject, useCallback } from "react";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { useLoadOnScroll } from "../../ui/use-load-on-scroll.ts";
import type { ChatLog } from "../chat-log.ts";
import { useLoadOlderMessages } from "../use-load-older-messages.ts";

const olderPageSize = 40;

type OlderMessagesProps = { chat: Chat; log: ChatLog; scroller: RefObject<HTMLElement | null> };

/** Loads older messages when the reader scrolls up or presses a button, back to the first message. */
export function OlderMessages({ chat, log, scroller }: OlderMessagesProps) {
  const { mutate: load, isPending, error } = useLoadOlderMessages(chat);
  const loadPage = useCallback(() => load(olderPageSize), [load]);
  const canLoad = log.olderPageToken !== "" && !isPending && !error;
  const button = useLoadOnScroll({ canLoad, load: loadPage, scroller });
  if (!log.olderPageToken) {
    return (
      <p className="pt-8 pb-2 text-center text-sm text-faint">{t("chat.olderMessages.start")}</p>
    );
  }
  return (
    <div className="flex flex-col items-center gap-3 py-5">
      {error && <Alert tone="danger">{errorMessage(error)}</Alert>}
      <Button ref={button} busy={isPending} onClick={loadPage}>
        {t(isPending ? "chat.olderMessages.loading" : "chat.olderMessages.show")}
      </Button>
    </div>
  );
}
