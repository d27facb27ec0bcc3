import type { Message } from "@plaza/contract/chat/v1/messages";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";

/** A message in its current state, or an entry that is about no message. */
export type LogItem = Message | Entry;

/** The loaded part of a chat's log: from some message on, up to the entry `seq`. */
export type ChatLog = {
  /** The last entry that was applied. */
  readonly seq: number;
  /** Ascending by seq. */
  readonly items: readonly LogItem[];
  /** The page token for older messages; empty when the log is loaded from its beginning. */
  readonly olderPageToken: string;
  /** Changed messages that are not loaded yet, by seq; applied when their page is loaded. */
  readonly changedMessages: ReadonlyMap<number, Message>;
};

/** A page of the log as the server returned it. */
export type LogPage = { readonly items: readonly LogItem[]; readonly olderPageToken: string };

export function isMessage(item: LogItem): item is Message {
  return item.$typeName === "plaza.chat.v1.Message";
}

export function messagesOf({ items }: Pick<ChatLog, "items">): Message[] {
  return items.filter(isMessage);
}

export function createLog(seq: number, { items, olderPageToken }: LogPage): ChatLog {
  return { seq, items: items.toSorted(compareBySeq), olderPageToken, changedMessages: new Map() };
}

/** Applies an entry to the log; returns undefined when entries before it are missing. */
export function logReducer(log: ChatLog, entry: Entry): ChatLog | undefined {
  if (entry.seq <= log.seq) return log;
  if (entry.seq > log.seq + 1) return undefined;
  const advanced = { ...log, seq: entry.seq };
  const { type, message } = entry;
  if (type === Type.POSTED) return message ? withMessage(advanced, message) : advanced;
  if (entry.messageSeq === 0) return { ...advanced, items: withItem(advanced.items, entry) };
  return message ? withChangedMessage(advanced, message) : advanced;
}

/** Adds or replaces a message. The stream may deliver its entry later. */
export function withMessage(log: ChatLog, message: Message): ChatLog {
  return { ...log, items: withItem(log.items, message) };
}

/**
 * Inserts the page that `token` named. Messages that changed while the page was read keep their change. A page whose
 * token is no longer the log's, because the log was read again, is dropped.
 */
export function withOlderPage(
  log: ChatLog,
  token: string,
  { items, olderPageToken }: LogPage,
): ChatLog {
  if (log.olderPageToken !== token) return log;
  const older = items.map((item) => (isMessage(item) && log.changedMessages.get(item.seq)) || item);
  return { ...log, items: older.reduce(withItem, log.items), olderPageToken };
}

/** The current state of a message, if it is loaded or has changed since the log was read. */
export function findMessage(log: ChatLog, seq: number): Message | undefined {
  const item = log.items.find((candidate) => candidate.seq === seq);
  return item && isMessage(item) ? item : log.changedMessages.get(seq);
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
