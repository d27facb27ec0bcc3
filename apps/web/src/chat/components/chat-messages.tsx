import type { Chat } from "@plaza/contract/chat/v1/chats";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { t } from "../../lib/messages.ts";
import { Day } from "../../ui/times.tsx";
import { type ChatLog, messagesOf } from "../chat-log.ts";
import {
  buildConversationRows,
  type ConversationRow,
  findUndelivered,
} from "../conversation-rows.ts";
import type { MessageActions } from "../message-actions.ts";
import { usePendingMessages } from "../pending-messages.ts";
import { useJumpToMessage } from "../use-jump-to-message.ts";
import { useReadCursor } from "../use-read-cursor.ts";
import { useRowFocus } from "../use-row-focus.ts";
import { useScrollAnchor } from "../use-scroll-anchor.ts";
import { ChatMessage } from "./chat-message.tsx";
import { ChatPendingMessage } from "./chat-pending-message.tsx";
import { NewMessageAnnouncer } from "./new-message-announcer.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { SystemMessage } from "./system-message.tsx";

type ChatMessagesProps = {
  chat: Chat;
  log: ChatLog;
  userId: string;
  actions: MessageActions | undefined;
  /** The seq of the message to show first, instead of the unread mark or the end; 0 for none. */
  targetSeq: number;
};

/** The loaded messages of a chat, then the pending ones. */
export function ChatMessages({ chat, log, userId, actions, targetSeq }: ChatMessagesProps) {
  const pending = usePendingMessages(userId, chat.id);
  const undelivered = useMemo(
    () => findUndelivered(pending, messagesOf(log), userId),
    [pending, log, userId],
  );
  const scroll = useScrollAnchor(`${log.seq} ${log.items.length} ${undelivered.length}`);
  const { scroller, content, isAtEnd, scrollToEnd, scrollToRow } = scroll;
  const readNumber = useReadCursor(chat, log, isAtEnd, userId);
  const rows = useMemo(
    () => buildConversationRows(log.items, { readNumber, userId }),
    [log.items, readNumber, userId],
  );
  const jump = useJumpToMessage(chat, scroll);
  const onKeyDown = useRowFocus(content);

  // At first, scroll to the unread mark.
  const hasScrolled = useRef(false);
  useLayoutEffect(() => {
    if (hasScrolled.current) return;
    hasScrolled.current = true;
    const mark = content.current?.querySelector("[data-unread]");
    if (targetSeq === 0 && mark) scrollToRow(mark, 0.2);
  }, [content, targetSeq, scrollToRow]);
  useEffect(() => {
    if (targetSeq > 0) void jump(targetSeq);
  }, [targetSeq, jump]);
  // A message of their own brings the member to the end, wherever they were.
  const lastPendingKey = undelivered.at(-1)?.key;
  useEffect(() => {
    if (lastPendingKey) scrollToEnd();
  }, [lastPendingKey, scrollToEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t("chat.conversation.messages")}
        onKeyDown={onKeyDown}
        onScroll={scroll.onScroll}
        className="h-full overflow-x-hidden overflow-y-auto px-4 [overflow-anchor:none] -outline-offset-2 md:px-5"
      >
        <OlderMessages chat={chat} log={log} scroller={scroller} />
        <ol ref={content} className="pb-3">
          {rows.map((row) => (
            <ConversationRowView
              key={row.key}
              row={row}
              chat={chat}
              userId={userId}
              actions={actions}
              onJump={jump}
            />
          ))}
          {undelivered.map((one) => (
            <ChatPendingMessage
              key={one.key}
              chat={chat}
              pending={one}
              userId={userId}
              onJump={jump}
            />
          ))}
        </ol>
      </div>
      <NewMessageAnnouncer log={log} userId={userId} />
      {!isAtEnd && <ScrollToEndButton count={chat.unreadCount} onPress={scrollToEnd} />}
    </div>
  );
}

type ConversationRowViewProps = {
  row: ConversationRow;
  chat: Chat;
  userId: string;
  actions: MessageActions | undefined;
  onJump: (seq: number) => void;
};

function ConversationRowView({ row, ...rest }: ConversationRowViewProps) {
  switch (row.kind) {
    case "day":
      return (
        <li className="pt-5 pb-1 text-center text-xs font-semibold text-faint">
          <Day at={row.at} />
        </li>
      );
    case "unread":
      return (
        <li
          data-unread
          className="flex items-center gap-3 pt-4 pb-1 text-xs font-semibold text-accent before:h-px before:flex-1 before:bg-accent/40 after:h-px after:flex-1 after:bg-accent/40"
        >
          {t("chat.conversation.newMessages")}
        </li>
      );
    case "system":
      return <SystemMessage entry={row.entry} chat={rest.chat} userId={rest.userId} />;
    case "message":
      return <ChatMessage message={row.message} startsGroup={row.startsGroup} {...rest} />;
  }
}

function ScrollToEndButton({ count, onPress }: { count: number; onPress: () => void }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="rise absolute end-4 bottom-3 flex min-h-11 min-w-11 items-center justify-center gap-1.5 rounded-full bg-card px-3 text-sm font-semibold text-soft shadow-float hover:text-ink"
    >
      <ArrowDown className="size-5" aria-hidden />
      {count > 0 ? (
        t("chat.conversation.newCount", { count })
      ) : (
        <span className="sr-only">{t("chat.conversation.jumpToLatest")}</span>
      )}
    </button>
  );
}
