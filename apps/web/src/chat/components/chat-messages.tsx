import type { Chat } from "@plaza/contract/chat/v1/chats";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { dayName } from "../../lib/format-time.ts";
import { type Log, messagesOf } from "../chat-log.ts";
import { useReading } from "../conversation-hooks.ts";
import { arrange, type Row, unsaid } from "../conversation-rows.ts";
import { useLetters } from "../pending-messages.ts";
import { useJump } from "../use-jump-to-message.ts";
import { useScrollAnchor } from "../use-scroll-anchor.ts";
import { ChatMessage, type MessageActs } from "./chat-message.tsx";
import { ChatLetter } from "./chat-pending-message.tsx";
import { OlderMessages } from "./older-messages.tsx";
import { ChatNote } from "./system-message.tsx";

type ChatMessagesProps = {
  chat: Chat;
  log: Log;
  userId: string;
  acts: MessageActs | undefined;
  /** The message to show first, instead of the news or the end. */
  goal: number;
};

/** What was said, from the oldest that is loaded to what is being sent. */
export function ChatMessages({ chat, log, userId, acts, goal }: ChatMessagesProps) {
  const letters = useLetters(userId, chat.id);
  const waiting = useMemo(() => unsaid(letters, messagesOf(log), userId), [letters, log, userId]);
  const scroll = useScrollAnchor(`${log.seq} ${log.lines.length} ${waiting.length}`);
  const { scroller, content, isAtEnd, toEnd, show } = scroll;
  const news = useReading(chat, log, isAtEnd, userId);
  const rows = useMemo(
    () => arrange(log.lines, { readNumber: news, userId }),
    [log.lines, news, userId],
  );
  const jump = useJump(chat, scroll);

  // Where one left off, when one comes.
  const hasBegun = useRef(false);
  useLayoutEffect(() => {
    if (hasBegun.current) return;
    hasBegun.current = true;
    const mark = content.current?.querySelector("[data-news]");
    if (goal === 0 && mark) show(mark, 0.2);
  }, [content, goal, show]);
  useEffect(() => {
    if (goal > 0) void jump(goal);
  }, [goal, jump]);
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
            <RowView key={row.key} row={row} chat={chat} userId={userId} acts={acts} jump={jump} />
          ))}
          {waiting.map((letter) => (
            <ChatLetter key={letter.key} chat={chat} letter={letter} userId={userId} jump={jump} />
          ))}
        </ol>
      </div>
      {!isAtEnd && <ToEnd count={chat.unreadCount} onPress={toEnd} />}
    </div>
  );
}

type RowViewProps = {
  row: Row;
  chat: Chat;
  userId: string;
  acts: MessageActs | undefined;
  jump: (seq: number) => void;
};

function RowView({ row, ...rest }: RowViewProps) {
  switch (row.kind) {
    case "day":
      return (
        <li className="pt-5 pb-1 text-center text-xs font-semibold text-faint">
          {dayName(row.at)}
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
      return <ChatNote entry={row.entry} chat={rest.chat} userId={rest.userId} />;
    case "message":
      return <ChatMessage message={row.message} isFirst={row.isFirst} {...rest} />;
  }
}

function ToEnd({ count, onPress }: { count: number; onPress: () => void }) {
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
