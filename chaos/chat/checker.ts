import { type Entry, Entry_Type } from "@plaza/contract/chat/v1/stream";
import type { ChatHistory, ReaderLog } from "./history.ts";

/** The final log of each chat, by its id. */
export type ChatLogs = ReadonlyMap<string, readonly Entry[]>;

/** The anomalies by kind; all empty in a correct run. */
export type ChatAnomalies = Readonly<
  Record<
    | "lost"
    | "duplicated"
    | "reordered"
    | "skipped"
    | "undelivered"
    | "unauthorized"
    | "inconsistent"
    | "unexpected",
    readonly string[]
  >
>;

/**
 * Compares the history with the final logs. Lost: an acknowledged message is not at its position. Duplicated: a message
 * is there twice, a seq was assigned twice, or a reader received an entry twice. Reordered: a reader received entries
 * out of order. Skipped: a seq is missing in the log, or a reader missed it and received a later one. Undelivered: a
 * reader never received the end of a log. Unauthorized: a reader received an entry without being a member.
 * Inconsistent: readers received different entries at one position.
 */
export function checkHistory(history: ChatHistory, logs: ChatLogs): ChatAnomalies {
  const duplicated: string[] = [];
  const skipped: string[] = [];
  const texts = new Set<string>();
  for (const [chatId, log] of logs) {
    for (const [index, { seq, message, type }] of log.entries()) {
      const before = log[index - 1]?.seq ?? 0;
      if (seq <= before) duplicated.push(`${chatId} ${seq}: assigned twice`);
      if (seq > before + 1) skipped.push(`${chatId} ${seq}: follows ${before}`);
      if (type !== Entry_Type.POSTED || !message) continue;
      if (texts.has(message.text)) duplicated.push(`${chatId} ${seq}: ${message.text} again`);
      texts.add(message.text);
    }
  }
  const readers = history.readerLogs.map((one) => checkReader(one, logs));
  return {
    lost: history.acknowledged
      .filter(({ chatId, seq, text }) => textAt(logs, chatId, seq) !== text)
      .map(({ chatId, seq, text }) => `${chatId} ${seq}: ${text}`),
    duplicated: [...duplicated, ...readers.flatMap((one) => one.duplicated)],
    reordered: readers.flatMap((one) => one.reordered),
    skipped: [...skipped, ...readers.flatMap((one) => one.skipped)],
    undelivered: readers.flatMap((one) => one.undelivered),
    unauthorized: readers.flatMap((one) => one.unauthorized),
    inconsistent: history.inconsistent,
    unexpected: history.unexpectedErrors,
  };
}

function checkReader({ userId, seqs }: ReaderLog, logs: ChatLogs) {
  const duplicated: string[] = [];
  const reordered: string[] = [];
  const skipped: string[] = [];
  const undelivered: string[] = [];
  const unauthorized: string[] = [];
  for (const [chatId, log] of logs) {
    const visible = visibleSeqs(userId, log);
    const visibleSet = new Set(visible);
    const received = seqs.get(chatId) ?? [];
    const known = new Set<number>();
    let last = 0;
    for (const seq of received) {
      const position = `${userId} in ${chatId} at ${seq}`;
      if (known.has(seq)) duplicated.push(position);
      else if (seq < last) reordered.push(position);
      if (!visibleSet.has(seq)) unauthorized.push(position);
      known.add(seq);
      last = Math.max(last, seq);
    }
    for (const seq of visible.filter((one) => !known.has(one))) {
      (seq < last ? skipped : undelivered).push(`${userId} in ${chatId} at ${seq}`);
    }
  }
  return { duplicated, reordered, skipped, undelivered, unauthorized };
}

/** Seqs visible to a user: from each entry that adds them to the one that removes them. */
export function visibleSeqs(userId: string, log: readonly Entry[]): number[] {
  const visible: number[] = [];
  let isMember = false;
  for (const { seq, type, memberIds } of log) {
    const isMeant = memberIds.includes(userId);
    const adds = type === Entry_Type.CREATED || type === Entry_Type.MEMBERS_ADDED;
    const removes = type === Entry_Type.MEMBER_REMOVED || type === Entry_Type.MEMBER_LEFT;
    if (isMeant && adds) isMember = true;
    if (isMember) visible.push(seq);
    if (isMeant && removes) isMember = false;
  }
  return visible;
}

function textAt(logs: ChatLogs, chatId: string, seq: number): string | undefined {
  const entry = logs.get(chatId)?.[seq - 1];
  return entry?.seq === seq ? entry.message?.text : undefined;
}
