import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Chat, Member } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { isMessage, type LogItem } from "./chat-log.ts";
import type { PendingMessage } from "./pending-message-store.ts";

/** What stands below each other in a conversation. */
export type ConversationRow =
  | { readonly kind: "day"; readonly key: string; readonly at: Timestamp }
  | { readonly kind: "news"; readonly key: string }
  | { readonly kind: "note"; readonly key: string; readonly entry: Entry }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      /** Whether it begins a run of one person's messages. */
      readonly isFirst: boolean;
    };

const messageGroupMs = 5 * 60_000;

/**
 * The lines of a log as one reads them: by days, in runs of one person's messages, and with a mark before
 * the first message of somebody else behind the `readNumber`th.
 */
export function buildConversationRows(
  items: readonly LogItem[],
  { readNumber, userId }: { readNumber: number; userId: string },
): ConversationRow[] {
  const firstNews = items.find(
    (line) => isMessage(line) && line.number > readNumber && line.senderId !== userId,
  );
  return items.flatMap((line, index): ConversationRow[] => {
    const before = items[index - 1];
    const key = String(line.seq);
    const rows: ConversationRow[] = [];
    if (line.createTime && !isSameDay(before, line)) {
      rows.push({ kind: "day", key: `day ${key}`, at: line.createTime });
    }
    if (line === firstNews) rows.push({ kind: "news", key: "news" });
    const isFirst = rows.length > 0 || !continuesGroup(before, line);
    if (isMessage(line)) return [...rows, { kind: "message", key, message: line, isFirst }];
    return [...rows, { kind: "note", key, entry: line }];
  });
}

/**
 * The letters that are not among the messages yet. The answer to a letter can come after the stream has told
 * its message: then that is known by its writer and its words.
 */
export function findUndelivered(
  pending: readonly PendingMessage[],
  messages: readonly Message[],
  userId: string,
): PendingMessage[] {
  const taken = new Set<Message>();
  return pending.filter((letter) => {
    const said = messages.find(
      (message) =>
        message.senderId === userId &&
        message.seq > letter.afterSeq &&
        message.text === letter.text &&
        message.replyToSeq === letter.replyToSeq &&
        !taken.has(message),
    );
    if (!said || letter.refusal) return true;
    taken.add(said);
    return false;
  });
}

/** Which of the others have read a message. */
export function readersOf({ number, senderId }: Message, { members }: Chat): readonly Member[] {
  return members.filter(({ userId, readNumber }) => userId !== senderId && readNumber >= number);
}

function isSameDay(before: LogItem | undefined, line: LogItem): boolean {
  if (!before?.createTime || !line.createTime) return false;
  return dayKey(before.createTime) === dayKey(line.createTime);
}

function dayKey(at: Timestamp): string {
  return timestampDate(at).toDateString();
}

function continuesGroup(before: LogItem | undefined, line: LogItem): boolean {
  if (!before || !isMessage(before) || !isMessage(line)) return false;
  return (
    before.senderId === line.senderId && createdAtMs(line) - createdAtMs(before) < messageGroupMs
  );
}

function createdAtMs({ createTime }: LogItem): number {
  return createTime ? timestampDate(createTime).getTime() : 0;
}
