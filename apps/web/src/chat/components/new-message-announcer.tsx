import { useEffect, useRef, useState } from "react";
import { t } from "../../lib/messages.ts";
import { type ChatLog, messagesOf } from "../chat-log.ts";

type NewMessageAnnouncerProps = { log: ChatLog; userId: string };

/**
 * Reads out the messages of others that arrive at the end. The list itself is silent: screen readers would read out
 * the history too that is loaded above.
 */
export function NewMessageAnnouncer({ log, userId }: NewMessageAnnouncerProps) {
  const [text, setText] = useState("");
  const announcedSeq = useRef(log.seq);
  useEffect(() => {
    const arrived = messagesOf(log).filter(
      ({ seq, senderId }) => seq > announcedSeq.current && senderId !== userId,
    );
    announcedSeq.current = Math.max(announcedSeq.current, log.seq);
    if (arrived.length > 0) setText(arrived.map(({ seq }) => messageText(seq)).join("\n"));
  }, [log, userId]);
  return (
    <p role="status" aria-label={t("chat.conversation.newMessages")} className="sr-only">
      {text}
    </p>
  );
}

/** The author and the text as the page shows them. */
function messageText(seq: number): string {
  return ["author", "text"]
    .map((part) => document.getElementById(`message-${seq}-${part}`)?.textContent ?? "")
    .join(" ");
}
