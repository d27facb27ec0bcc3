import type { Message } from "@plaza/contract/chat/v1/messages";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";

/** A message as it is now, or an entry that is about no message. */
export type Line = Message | Entry;

/** What is loaded of a chat's log, as people see it: from some message on, up to an entry. */
export type Log = {
  /** The entry up to which it is known. */
  readonly seq: number;
  /** In the order of their seq. */
  readonly lines: readonly Line[];
  /** The token of the page before; empty when the log is loaded from its beginning. */
  readonly before: string;
  /** What has become, since, of messages that are not loaded, by seq. */
  readonly changed: ReadonlyMap<number, Message>;
};

/** A part of the log, as it is read: messages as they were or later than that. */
export type Page = { readonly lines: readonly Line[]; readonly before: string };

export function isMessage(line: Line): line is Message {
  return line.$typeName === "plaza.chat.v1.Message";
}

/** The messages of a log. */
export function messagesOf({ lines }: Pick<Log, "lines">): Message[] {
  return lines.filter(isMessage);
}

export function newLog(seq: number, { lines, before }: Page): Log {
  return { seq, lines: lines.toSorted(bySeq), before, changed: new Map() };
}

/** The log once it has gone on by an entry; undefined when entries between are missing. */
export function logAfter(log: Log, entry: Entry): Log | undefined {
  if (entry.seq <= log.seq) return log;
  if (entry.seq > log.seq + 1) return undefined;
  const on = { ...log, seq: entry.seq };
  const { type, message } = entry;
  if (type === Type.POSTED) return message ? withMessage(on, message) : on;
  if (entry.messageSeq === 0) return { ...on, lines: withLine(on.lines, entry) };
  return message ? withChanged(on, message) : on;
}

/** The log with a message that is known to be in it, though the entry that says so may be on its way. */
export function withMessage(log: Log, message: Message): Log {
  return { ...log, lines: withLine(log.lines, message) };
}

/**
 * The log with the page that its token `before` named. What has changed while that was read counts; should the log
 * have been read anew and begin elsewhere, the page has no place in it.
 */
export function withOlder(log: Log, token: string, { lines, before }: Page): Log {
  if (log.before !== token) return log;
  const older = lines.map((line) => (isMessage(line) && log.changed.get(line.seq)) || line);
  return { ...log, lines: older.reduce(withLine, log.lines), before };
}

/** What a message says as it is now, if it is loaded or has changed since. */
export function findMessage(log: Log, seq: number): Message | undefined {
  const line = log.lines.find((one) => one.seq === seq);
  return line && isMessage(line) ? line : log.changed.get(seq);
}

function withChanged(log: Log, message: Message): Log {
  const isLoaded = log.lines.some(({ seq }) => seq === message.seq);
  if (isLoaded) return withMessage(log, message);
  return { ...log, changed: new Map(log.changed).set(message.seq, message) };
}

function withLine(lines: readonly Line[], line: Line): readonly Line[] {
  const others = lines.filter(({ seq }) => seq !== line.seq);
  const index = others.findLastIndex(({ seq }) => seq < line.seq) + 1;
  return others.toSpliced(index, 0, line);
}

function bySeq(one: Line, other: Line): number {
  return one.seq - other.seq;
}
