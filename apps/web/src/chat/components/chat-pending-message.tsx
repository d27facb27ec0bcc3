import type { Chat } from "@plaza/contract/chat/v1/chats";
import { CircleAlert, Clock } from "lucide-react";
import { t } from "../../lib/messages.ts";
import type { PendingMessage } from "../pending-message-store.ts";
import { discardPendingMessage, retryPendingMessage } from "../pending-messages.ts";
import { ChatMarkdown } from "./chat-markdown.tsx";
import { MessageQuote } from "./message-quote.tsx";

type ChatPendingMessageProps = {
  chat: Chat;
  pending: PendingMessage;
  userId: string;
  onJump: (seq: number) => void;
};

/** A message that the server does not have yet, or has rejected. */
export function ChatPendingMessage({ chat, pending, userId, onJump }: ChatPendingMessageProps) {
  const { text, replyToSeq, refusal } = pending;
  return (
    <li className="flex flex-col items-end pt-2">
      <div className="flex max-w-[80%] flex-wrap items-end justify-end gap-x-3 rounded-lg bg-accent-wash px-3.5 py-2">
        <span className="sr-only">{t("chat.pendingMessage.author")}</span>{" "}
        {replyToSeq > 0 && (
          <MessageQuote chat={chat} seq={replyToSeq} userId={userId} onJump={onJump} />
        )}
        <div className="min-w-0 grow">
          <ChatMarkdown>{text}</ChatMarkdown>
        </div>
        <p className="flex items-center gap-1.5 text-xs text-faint">
          {refusal ? (
            <span className="font-semibold text-danger">{t("chat.pendingMessage.notSent")}</span>
          ) : (
            <>
              <Clock className="size-3.5" aria-hidden />
              <span className="sr-only">{t("chat.pendingMessage.sending")}</span>
            </>
          )}
        </p>
      </div>
      {refusal && (
        <p className="mt-1 flex flex-wrap items-center justify-end gap-x-1 text-sm text-danger">
          <CircleAlert className="size-4" aria-hidden />
          {refusal}
          <TextButton onPress={() => retryPendingMessage(userId, pending)}>
            {t("chat.pendingMessage.retry")}
          </TextButton>
          <TextButton onPress={() => discardPendingMessage(userId, pending)}>
            {t("chat.pendingMessage.discard")}
          </TextButton>
        </p>
      )}
    </li>
  );
}

function TextButton({ onPress, children }: { onPress: () => void; children: string }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="min-h-11 rounded-sm px-1.5 font-semibold text-ink underline underline-offset-4 hover:decoration-2"
    >
      {children}
    </button>
  );
}
