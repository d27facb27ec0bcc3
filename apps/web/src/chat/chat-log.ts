import type { Message } from "@plaza/contract/chat/v1/messages";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";

/** A message as it is now, or an entry that is about no message. */
export type LogItem = Message | Entry;

/** What is loaded of a chat's log, as people see it: from some message on, up to an entry. */
export type ChatLog = {
  /** The entry up to which it is known. */
  readonly seq: number;
  /** In the order of their seq. */
  readonly items: readonly LogItem[];
  /** The token of the page before; empty when the log is loaded from its beginning. */
  readonly olderPageToken: string;
  /** What has become, since, of messages that are not loaded, by seq. */
  readonly changedMessages: ReadonlyMap<number, Message>;
};

/** A part of the log, as it is read: messages as they were or later than that. */
export type LogPage = { readonly items: readonly LogItem[]; readonly olderPageToken: string };

export function isMessage(item: LogItem): item is Message {
  return item.$typeName === "plaza.chat.v1.Message";
}

/** The messages of a log. */
export function messagesOf({ items }: Pick<ChatLog, "items">): Message[] {
  return items.filter(isMessage);
}

export function createLog(seq: number, { items, olderPageToken }: LogPage): ChatLog {
  return { seq, items: items.toSorted(compareBySeq), olderPageToken, changedMessages: new Map() };
}

/** The log once it has gone on by an entry; undefined when entries between are missing. */
export function logReducer(log: ChatLog, entry: Entry): ChatLog | undefined {
  if (entry.seq <= log.seq) return log;
  if (entry.seq > log.seq + 1) return undefined;
  const on = { ...log, seq: entry.seq };
  const { type, message } = entry;
  if (type === Type.POSTED) return message ? withMessage(on, message) : on;
  if (entry.messageSeq === 0) return { ...on, items: withItem(on.items, entry) };
  return message ? withChangedMessage(on, message) : on;
}

/** The log with a message that is known to be in it, though the entry that says so may be on its way. */
export function withMessage(log: ChatLog, message: Message): ChatLog {
  return { ...log, items: withItem(log.items, message) };
}

/**
 * The log with the page that its token `before` named. What has changed while that was read counts; should the log
 * have been read anew and begin elsewhere, the page has no place in it.
 */
export function withOlderPage(
  log: ChatLog,
  token: string,
  { items, olderPageToken }: LogPage,
): ChatLog {
  if (log.olderPageToken !== token) return log;
  const older = items.map((line) => (isMessage(line) && log.changedMessages.get(line.seq)) || line);
  return { ...log, items: older.reduce(withItem, log.items), olderPageToken };
}

/** What a message says as it is now, if it is loaded or has changed since. */
export function findMessage(log: ChatLog, seq: number): Message | undefined {
  const line = log.items.find((one) => one.seq === seq);
  return line && isMessage(line) ? line : log.changedMessages.get(seq);
}

function withChangedMessage(log: ChatLog, message: Message): ChatLog {
  const isLoaded = log.items.some(({ seq }) => seq === message.seq);
  if (isLoaded) return withMessage(log, message);
  return { ...log, changedMessages: new Map(log.changedMessages).set(message.seq, message) };
}

function withItem(items: readonly LogItem[], item: LogItem): readonly LogItem[] {
  const others = items.filter(({ seq }) => seq !== item.seq);
  const index = others.findLastIndex(({ seq }) => seq < item.seq) + 1;
  return others.toSpliced(index, 0, item);
}

function compareBySeq(one: LogItem, other: LogItem): number {
  return one.seq - other.seq;
}
