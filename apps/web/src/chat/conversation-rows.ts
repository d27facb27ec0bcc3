import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Chat, Member } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { timestampDate } from "../lib/timestamps.ts";
import { isMessage, type LogItem } from "./chat-log.ts";
import type { PendingMessage } from "./pending-message-store.ts";

/** A row of the conversation: day divider, unread mark, system message, or message. */
export type ConversationRow =
  | { readonly kind: "day"; readonly key: string; readonly at: Timestamp }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "system"; readonly key: string; readonly entry: Entry }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      /** Whether it starts a group: messages of one sender within five minutes. */
      readonly startsGroup: boolean;
    };

const messageGroupMs = 5 * 60_000;

/**
 * The rows of a conversation: the items of its log with dividers between days, and the unread mark before the first
 * message of another member after the `readNumber`th that was not deleted.
 */
export function buildConversationRows(
  items: readonly LogItem[],
  { readNumber, userId }: { readNumber: number; userId: string },
): ConversationRow[] {
  const firstUnread = items.find(
    (item) =>
      isMessage(item) && item.number > readNumber && item.senderId !== userId && !item.deleteTime,
  );
  return items.flatMap((item, index): ConversationRow[] => {
    const before = items[index - 1];
    const key = String(item.seq);
    const rows: ConversationRow[] = [];
    if (item.createTime && !isSameDay(before, item)) {
      rows.push({ kind: "day", key: `day ${key}`, at: item.createTime });
    }
    if (item === firstUnread) rows.push({ kind: "unread", key: "unread" });
    const startsGroup = rows.length > 0 || !continuesGroup(before, item);
    if (isMessage(item)) return [...rows, { kind: "message", key, message: item, startsGroup }];
    return [...rows, { kind: "system", key, entry: item }];
  });
}

/**
 * The pending messages without a delivered counterpart. The stream can deliver a message before SendMessage answers;
 * it is then matched by sender, text and reply.
 */
export function findUndelivered(
  pending: readonly PendingMessage[],
  messages: readonly Message[],
  userId: string,
): PendingMessage[] {
  const matched = new Set<Message>();
  return pending.filter((one) => {
    const delivered = messages.find(
      (message) =>
        message.senderId === userId &&
        message.seq > one.afterSeq &&
        message.text === one.text &&
        message.replyToSeq === one.replyToSeq &&
        !matched.has(message),
    );
    if (!delivered || one.refusal) return true;
    matched.add(delivered);
    return false;
  });
}

/** The members other than the sender who have read a message. */
export function readersOf({ number, senderId }: Message, { members }: Chat): readonly Member[] {
  return members.filter(({ userId, readNumber }) => userId !== senderId && readNumber >= number);
}

function isSameDay(before: LogItem | undefined, item: LogItem): boolean {
  if (!before?.createTime || !item.createTime) return false;
  return dayKey(before.createTime) === dayKey(item.createTime);
}

function dayKey(at: Timestamp): string {
  return timestampDate(at).toDateString();
}

function continuesGroup(before: LogItem | undefined, item: LogItem): boolean {
  if (!before || !isMessage(before) || !isMessage(item)) return false;
  return (
    before.senderId === item.senderId && createdAtMs(item) - createdAtMs(before) < messageGroupMs
  );
}

function createdAtMs({ createTime }: LogItem): number {
  return createTime ? timestampDate(createTime).getTime() : 0;
}
