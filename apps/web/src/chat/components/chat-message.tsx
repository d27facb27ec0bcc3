import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { memo } from "react";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { PictureSourceProvider } from "../../ui/pictures/picture-source.tsx";
import { ClockTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { isDirectChat } from "../chat-title.ts";
import type { MessageActions } from "../message-actions.ts";
import { ChatMarkdown } from "./chat-markdown.tsx";
import { MessageMenu } from "./message-menu.tsx";
import { MessageQuote } from "./message-quote.tsx";
import { SenderName, useUserCard } from "./person-name.tsx";
import { ReactionChips } from "./reaction-chips.tsx";
import { ReadReceipt } from "./read-receipt.tsx";

type ChatMessageProps = {
  chat: Chat;
  message: Message;
  startsGroup: boolean;
  userId: string;
  /** Undefined in a chat that the member cannot write to. */
  actions: MessageActions | undefined;
  onJump: (seq: number) => void;
};

/** A message: the member's own on the right, those of others on the left below their name. */
export const ChatMessage = memo(function ChatMessage(props: ChatMessageProps) {
  const { chat, message, startsGroup, userId, actions, onJump } = props;
  const isOwn = message.senderId === userId;
  const id = `message-${message.seq}`;
  const isNamed = startsGroup && !isOwn && !isDirectChat(chat);
  return (
    <li
      data-seq={message.seq}
      aria-labelledby={`${id}-author ${id}-text ${id}-footer`}
      className={`group/message flex gap-2 rounded-lg transition-colors duration-700 data-highlighted:bg-accent-wash ${startsGroup ? "pt-3" : "pt-1"} ${isOwn ? "flex-row-reverse" : ""}`}
    >
      {!isDirectChat(chat) && !isOwn && <SenderPicture {...props} />}
      <div className={`flex min-w-0 max-w-[80%] flex-col ${isOwn ? "items-end" : "items-start"}`}>
        <span
          id={`${id}-author`}
          className={isNamed ? "mb-0.5 px-1 text-xs font-semibold text-soft" : "sr-only"}
        >
          <Trans
            id="chat.message.author"
            values={{
              name: <SenderName chat={chat} id={message.senderId} userId={userId} />,
              hidden: (text) => <span className="sr-only">{text}</span>,
            }}
          />
        </span>
        <div
          className={`flex min-w-0 max-w-full flex-wrap items-end justify-end gap-x-3 rounded-lg px-3.5 py-2 ${isOwn ? "bg-accent-wash" : "bg-card shadow-card"}`}
        >
          {message.replyToSeq > 0 && !message.deleteTime && (
            <MessageQuote chat={chat} seq={message.replyToSeq} userId={userId} onJump={onJump} />
          )}
          <div id={`${id}-text`} className="min-w-0 grow">
            <MessageBody message={message} />
          </div>
          <MessageFooter id={`${id}-footer`} message={message} chat={chat} isOwn={isOwn} />
        </div>
        <ReactionChips message={message} chat={chat} userId={userId} onReact={actions?.react} />
      </div>
      {actions && !message.deleteTime && (
        <MessageMenu message={message} chat={chat} userId={userId} actions={actions} />
      )}
    </li>
  );
});

function SenderPicture({ chat, message, startsGroup }: ChatMessageProps) {
  const person = useUserCard(chat, message.senderId);
  return (
    <div className="w-7 shrink-0">
      {startsGroup && <Avatar user={person ?? undefined} size="sm" />}
    </div>
  );
}

function MessageBody({ message }: { message: Message }) {
  if (message.deleteTime)
    return <p className="text-sm text-faint italic">{t("chat.messageDeleted")}</p>;
  return (
    // Not at once: even a request by Plaza tells the sender that, and when, it was first read.
    <PictureSourceProvider path={`/v1/chats/${message.chatId}/messages/${message.seq}`} onClick>
      <ChatMarkdown>{message.text}</ChatMarkdown>
    </PictureSourceProvider>
  );
}

type MessageFooterProps = { id: string; message: Message; chat: Chat; isOwn: boolean };

function MessageFooter({ id, message, chat, isOwn }: MessageFooterProps) {
  const { createTime, editTime, deleteTime } = message;
  return (
    <p id={id} className="flex items-center gap-1.5 text-xs text-faint tabular-nums">
      {editTime && !deleteTime && <span>{t("chat.message.edited")}</span>}
      <ClockTime at={createTime} />
      {isOwn && !deleteTime && <ReadReceipt message={message} chat={chat} />}
    </p>
  );
}
