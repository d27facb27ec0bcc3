import { type Entry, Entry_Type } from "@plaza/contract/chat/v1/stream";

/** A message that a writer was told is there. */
export type AcknowledgedMessage = {
  readonly chatId: string;
  readonly seq: number;
  readonly text: string;
};

/** What a reader was told: of each chat the positions, in the order in which they came. */
export type ReaderLog = { readonly userId: string; readonly seqs: Map<string, number[]> };

/** What writers and readers were told. */
export type ChatHistory = {
  readonly acknowledged: AcknowledgedMessage[];
  readonly readerLogs: ReaderLog[];
  /** What readers saw at each place of each log; all must have seen the same. */
  readonly entryByPosition: Map<string, string>;
  readonly inconsistent: string[];
  /** Answers that a correct server never gives. */
  readonly unexpectedErrors: string[];
  /** Calls whose answer was lost; each was settled by repeating it. */
  indeterminate: number;
  /** How often a reader subscribed, and how often that ended without his doing. */
  subscriptions: number;
  disconnects: number;
  /** How often somebody was removed from a chat. */
  removals: number;
};

/** What is wrong, by kind; all empty when every promise was kept. */
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

export function createHistory(): ChatHistory {
  const nothing = {
    acknowledged: [],
    readerLogs: [],
    entryByPosition: new Map(),
    inconsistent: [],
    unexpectedErrors: [],
  };
  return { ...nothing, indeterminate: 0, subscriptions: 0, disconnects: 0, removals: 0 };
}

/** What an entry says, for those who compare. */
export function describeEntry({ type, message, memberIds }: Entry): string {
  return `${type} ${message?.text ?? ""} ${memberIds}`;
}

/** Notes what a reader is told. */
export function recordEntry(
  { entryByPosition, inconsistent }: ChatHistory,
  told: ReaderLog,
  entry: Entry,
): void {
  told.seqs.getOrInsertComputed(entry.chatId, () => []).push(entry.seq);
  const place = `${entry.chatId} ${entry.seq}`;
  const before = entryByPosition.get(place);
  if (before === undefined) entryByPosition.set(place, describeEntry(entry));
  else if (before !== describeEntry(entry))
    inconsistent.push(`${place}: ${before} and ${describeEntry(entry)}`);
}

/**
 * Compares what everybody was told with the logs as they are in the end. Lost: an acknowledged message that
 * is not at its place. Duplicated: a message that is there twice, a place given out twice, or one that a reader
 * was told twice. Reordered: told in another order. Skipped: a position that is not in the log, or that a
 * reader was not told although he was told a later one. Undelivered: the end of a log that a reader was never
 * told. Unauthorized: told somebody who was not in the chat. Inconsistent: two saw different things at one place.
 */
export function checkHistory(
  history: ChatHistory,
  logs: ReadonlyMap<string, readonly Entry[]>,
): ChatAnomalies {
  const duplicated: string[] = [];
  const skipped: string[] = [];
  const texts = new Set<string>();
  for (const [chatId, log] of logs) {
    for (const [index, { seq, message, type }] of log.entries()) {
      const before = log[index - 1]?.seq ?? 0;
      if (seq <= before) duplicated.push(`${chatId} ${seq}: given out twice`);
      if (seq > before + 1) skipped.push(`${chatId} ${seq}: the log goes on from ${before}`);
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

function checkReader({ userId, seqs }: ReaderLog, logs: ReadonlyMap<string, readonly Entry[]>) {
  const duplicated: string[] = [];
  const reordered: string[] = [];
  const skipped: string[] = [];
  const undelivered: string[] = [];
  const unauthorized: string[] = [];
  for (const [chatId, log] of logs) {
    const own = visibleSeqs(userId, log);
    const visible = new Set(own);
    const told = seqs.get(chatId) ?? [];
    const known = new Set<number>();
    let last = 0;
    for (const seq of told) {
      const place = `${userId} in ${chatId} at ${seq}`;
      if (known.has(seq)) duplicated.push(place);
      else if (seq < last) reordered.push(place);
      if (!visible.has(seq)) unauthorized.push(place);
      known.add(seq);
      last = Math.max(last, seq);
    }
    for (const seq of own.filter((one) => !known.has(one))) {
      (seq < last ? skipped : undelivered).push(`${userId} in ${chatId} at ${seq}`);
    }
  }
  return { duplicated, reordered, skipped, undelivered, unauthorized };
}

/** The positions of a log that somebody may see: from each entry that adds him to the one that removes him. */
export function visibleSeqs(userId: string, log: readonly Entry[]): number[] {
  const visible: number[] = [];
  let isIn = false;
  for (const { seq, type, memberIds } of log) {
    const concerns = memberIds.includes(userId);
    const adds = type === Entry_Type.CREATED || type === Entry_Type.MEMBERS_ADDED;
    const removes = type === Entry_Type.MEMBER_REMOVED || type === Entry_Type.MEMBER_LEFT;
    if (concerns && adds) isIn = true;
    if (isIn) visible.push(seq);
    if (concerns && removes) isIn = false;
  }
  return visible;
}

function textAt(
  logs: ReadonlyMap<string, readonly Entry[]>,
  chatId: string,
  seq: number,
): string | undefined {
  const entry = logs.get(chatId)?.[seq - 1];
  return entry?.seq === seq ? entry.message?.text : undefined;
}
