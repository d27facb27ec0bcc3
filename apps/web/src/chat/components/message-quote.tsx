import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { type ChatLog, findMessage } from "../chat-log.ts";
import { logQuery, messageQuery } from "../chat-queries.ts";
import { MessagePreview } from "./message-preview.tsx";
import { PersonName } from "./person-name.tsx";

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
  const text = message?.deleteTime || isError ? "a message that was deleted" : message?.text;
  return (
    <button
      type="button"
      onClick={() => onJump(seq)}
      className="mb-1.5 block w-full rounded-sm border-l-3 border-accent bg-sunken/60 px-2.5 py-1 text-left text-sm hover:bg-sunken"
    >
      <span className="block font-semibold text-soft">
        <span className="sr-only">In answer to </span>
        {message ? (
          <PersonName chat={chat} id={message.senderId} userId={userId} selfName="You" />
        ) : (
          "…"
        )}
      </span>{" "}
      <MessagePreview className="line-clamp-2 text-soft">{text ?? "…"}</MessagePreview>
    </button>
  );
}
