import type { Chat } from "@plaza/contract/chat/v1/chats";
import { type RefObject, useEffect, useRef } from "react";
import { errorMessage } from "../../lib/error-messages.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import type { ChatLog } from "../chat-log.ts";
import { useLoadOlderMessages } from "../use-load-older-messages.ts";

const olderPageSize = 40;

type OlderMessagesProps = { chat: Chat; log: ChatLog; scroller: RefObject<HTMLElement | null> };

/** Loads what was said before as one scrolls up, or at the press of a button, back to the first message. */
export function OlderMessages({ chat, log, scroller }: OlderMessagesProps) {
  const { mutate: load, isPending, error } = useLoadOlderMessages(chat);
  const button = useRef<HTMLButtonElement>(null);
  const grows = log.olderPageToken !== "" && !isPending && !error;
  useEffect(() => {
    if (!grows || !button.current || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load(olderPageSize);
      },
      { root: scroller.current, rootMargin: "600px" },
    );
    watch.observe(button.current);
    return () => watch.disconnect();
  }, [grows, load, scroller]);

  if (!log.olderPageToken) {
    return <p className="pt-8 pb-2 text-center text-sm text-faint">This is where it begins.</p>;
  }
  return (
    <div className="flex flex-col items-center gap-3 py-5">
      {error && <Alert tone="danger">{errorMessage(error)}</Alert>}
      <Button ref={button} busy={isPending} onClick={() => load(olderPageSize)}>
        {isPending ? "Loading…" : "Show earlier messages"}
      </Button>
    </div>
  );
}
