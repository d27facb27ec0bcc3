import type { Chat } from "@plaza/contract/chat/v1/chats";
import { type RefObject, useEffect, useRef } from "react";
import { describe } from "../../lib/errors.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import type { Log } from "../chat-log.ts";
import { useOlder } from "../conversation-hooks.ts";

const pageSize = 40;

type OlderMessagesProps = { chat: Chat; log: Log; scroller: RefObject<HTMLElement | null> };

/** Loads what was said before as one scrolls up, or at the press of a button, back to the first message. */
export function OlderMessages({ chat, log, scroller }: OlderMessagesProps) {
  const { mutate: load, isPending, error } = useOlder(chat);
  const button = useRef<HTMLButtonElement>(null);
  const grows = log.before !== "" && !isPending && !error;
  useEffect(() => {
    if (!grows || !button.current || !("IntersectionObserver" in window)) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load(pageSize);
      },
      { root: scroller.current, rootMargin: "600px" },
    );
    watch.observe(button.current);
    return () => watch.disconnect();
  }, [grows, load, scroller]);

  if (!log.before) {
    return <p className="pt-8 pb-2 text-center text-sm text-faint">This is where it begins.</p>;
  }
  return (
    <div className="flex flex-col items-center gap-3 py-5">
      {error && <Alert tone="danger">{describe(error)}</Alert>}
      <Button ref={button} busy={isPending} onClick={() => load(pageSize)}>
        {isPending ? "Loading…" : "Show earlier messages"}
      </Button>
    </div>
  );
}
