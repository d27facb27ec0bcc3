import type { Chat } from "@plaza/contract/chat/v1/chats";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { formatDay } from "../../lib/format-time.ts";
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
import { useScrollAnchor } from "../use-scroll-anchor.ts";
import { ChatMessage } from "./chat-message.tsx";
import { ChatPendingMessage } from "./chat-pending-message.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { SystemMessage } from "./system-message.tsx";

type ChatMessagesProps = {
  chat: Chat;
  log: ChatLog;
  userId: string;
  actions: MessageActions | undefined;
  /** The message to show first, instead of the news or the end. */
  targetSeq: number;
};

/** What was said, from the oldest that is loaded to what is being sent. */
export function ChatMessages({ chat, log, userId, actions, targetSeq }: ChatMessagesProps) {
  const letters = usePendingMessages(userId, chat.id);
  const waiting = useMemo(
    () => findUndelivered(letters, messagesOf(log), userId),
    [letters, log, userId],
  );
  const scroll = useScrollAnchor(`${log.seq} ${log.items.length} ${waiting.length}`);
  const { scroller, content, isAtEnd, toEnd, show } = scroll;
  const news = useReadCursor(chat, log, isAtEnd, userId);
  const rows = useMemo(
    () => buildConversationRows(log.items, { readNumber: news, userId }),
    [log.items, news, userId],
  );
  const jump = useJumpToMessage(chat, scroll);

  // Where one left off, when one comes.
  const hasBegun = useRef(false);
  useLayoutEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    const mark = content.current?.querySelector("[data-news]");
    if (targetSeq === 0 && mark) show(mark, 0.2);
  }, [content, targetSeq, show]);
  useEffect(() => {
    if (targetSeq > 0) void jump(targetSeq);
  }, [targetSeq, jump]);
  // What one says oneself is seen, wherever one was.
  const lastLetter = waiting.at(-1)?.key;
  useEffect(() => {
    if (lastLetter) toEnd();
  }, [lastLetter, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={scroll.note}
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
          {waiting.map((letter) => (
            <ChatPendingMessage
              key={letter.key}
              chat={chat}
              pending={letter}
              userId={userId}
              onJump={jump}
            />
          ))}
        </ol>
      </div>
      {!isAtEnd && <ScrollToEndButton count={chat.unreadCount} onPress={toEnd} />}
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
          {formatDay(row.at)}
        </li>
      );
    case "news":
      return (
        <li
          data-news
          className="flex items-center gap-3 pt-4 pb-1 text-xs font-semibold text-accent before:h-px before:flex-1 before:bg-accent/40 after:h-px after:flex-1 after:bg-accent/40"
        >
          New messages
        </li>
      );
    case "note":
      return <SystemMessage entry={row.entry} chat={rest.chat} userId={rest.userId} />;
    case "message":
      return <ChatMessage message={row.message} startsGroup={row.isFirst} {...rest} />;
  }
}

function ScrollToEndButton({ count, onPress }: { count: number; onPress: () => void }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="rise absolute right-4 bottom-3 flex min-h-11 min-w-11 items-center justify-center gap-1.5 rounded-full bg-card px-3 text-sm font-semibold text-soft shadow-float hover:text-ink"
    >
      <ArrowDown className="size-5" aria-hidden />
      {count > 0 ? `${count} new` : <span className="sr-only">To the latest</span>}
    </button>
  );
}
