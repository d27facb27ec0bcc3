import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { t } from "../../lib/messages.ts";
import { Trans } from "../../ui/trans.tsx";
import { type ChatLog, findMessage } from "../chat-log.ts";
import { logQuery, messageQuery } from "../chat-queries.ts";
import { MessagePreview } from "./message-preview.tsx";
import { SenderName } from "./person-name.tsx";

type MessageQuoteProps = {
  chat: Chat;
  seq: number;
  userId: string;
  onJump: (seq: number) => void;
};

/** The beginning of the message that a reply answers; pressing it scrolls there. */
export function MessageQuote({ chat, seq, userId, onJump }: MessageQuoteProps) {
  const find = useCallback((log: ChatLog) => findMessage(log, seq) ?? null, [seq]);
  const { data: loaded } = useQuery({ ...logQuery(chat.id), select: find });
  const { data: read, isError } = useQuery({ ...messageQuery(chat.id, seq), enabled: !loaded });
  const message = loaded ?? read;
  const text = message?.deleteTime || isError ? t("chat.messageDeleted") : message?.text;
  return (
    <button
      type="button"
      onClick={() => onJump(seq)}
      className="mb-1.5 block w-full rounded-sm border-s-3 border-accent bg-sunken/60 px-2.5 py-1 text-start text-sm hover:bg-sunken"
    >
      <span className="block font-semibold text-soft">
        <Trans
          id="chat.messageQuote.author"
          values={{
            name: message ? <SenderName chat={chat} id={message.senderId} userId={userId} /> : "…",
            hidden: (text) => <span className="sr-only">{text}</span>,
          }}
        />
      </span>{" "}
      <MessagePreview className="line-clamp-2 text-soft">{text ?? "…"}</MessagePreview>
    </button>
  );
}
