import { type Entry, Entry_Type } from "@plaza/contract/chat/v1/stream";

/** A message that a writer was told is there. */
export type Said = { readonly chatId: string; readonly seq: number; readonly text: string };

/** What a reader was told: of each chat the positions, in the order in which they came. */
export type Told = { readonly userId: string; readonly seqs: Map<string, number[]> };

/** What writers and readers were told. */
export type History = {
  readonly said: Said[];
  readonly told: Told[];
  /** What readers saw at each place of each log; all must have seen the same. */
  readonly seen: Map<string, string>;
  readonly inconsistent: string[];
  /** Answers that a correct server never gives. */
  readonly surprises: string[];
  /** Calls whose answer was lost; each was settled by repeating it. */
  unknown: number;
  /** How often a reader subscribed, and how often that ended without his doing. */
  subscribed: number;
  cutOff: number;
  /** How often somebody was removed from a chat. */
  removed: number;
};

/** What is wrong, by kind; all empty when every promise was kept. */
export type Verdict = Readonly<
  Record<
    | "lost"
    | "doubled"
    | "disordered"
    | "skipped"
    | "unseen"
    | "intruding"
    | "inconsistent"
    | "surprises",
    readonly string[]
  >
>;

export function emptyHistory(): History {
  const nothing = { said: [], told: [], seen: new Map(), inconsistent: [], surprises: [] };
  return { ...nothing, unknown: 0, subscribed: 0, cutOff: 0, removed: 0 };
}

/** What an entry says, for those who compare. */
export function gist({ type, message, memberIds }: Entry): string {
  return `${type} ${message?.text ?? ""} ${memberIds}`;
}

/** Notes what a reader is told. */
export function note({ seen, inconsistent }: History, told: Told, entry: Entry): void {
  told.seqs.getOrInsertComputed(entry.chatId, () => []).push(entry.seq);
  const place = `${entry.chatId} ${entry.seq}`;
  const before = seen.get(place);
  if (before === undefined) seen.set(place, gist(entry));
  else if (before !== gist(entry)) inconsistent.push(`${place}: ${before} and ${gist(entry)}`);
}

/**
 * Compares what everybody was told with the logs as they are in the end. Lost: an acknowledged message that
 * is not at its place. Doubled: a message that is there twice, a place given out twice, or one that a reader
 * was told twice. Disordered: told in another order. Skipped: a position that is not in the log, or that a
 * reader was not told although he was told a later one. Unseen: the end of a log that a reader was never
 * told. Intruding: told somebody who was not in the chat. Inconsistent: two saw different things at one place.
 */
export function judge(history: History, logs: ReadonlyMap<string, readonly Entry[]>): Verdict {
  const doubled: string[] = [];
  const skipped: string[] = [];
  const texts = new Set<string>();
  for (const [chatId, log] of logs) {
    for (const [index, { seq, message, type }] of log.entries()) {
      const before = log[index - 1]?.seq ?? 0;
      if (seq <= before) doubled.push(`${chatId} ${seq}: given out twice`);
      if (seq > before + 1) skipped.push(`${chatId} ${seq}: the log goes on from ${before}`);
      if (type !== Entry_Type.POSTED || !message) continue;
      if (texts.has(message.text)) doubled.push(`${chatId} ${seq}: ${message.text} again`);
      texts.add(message.text);
    }
  }
  const readers = history.told.map((one) => judgeReader(one, logs));
  return {
    lost: history.said
      .filter(({ chatId, seq, text }) => textAt(logs, chatId, seq) !== text)
      .map(({ chatId, seq, text }) => `${chatId} ${seq}: ${text}`),
    doubled: [...doubled, ...readers.flatMap((one) => one.doubled)],
    disordered: readers.flatMap((one) => one.disordered),
    skipped: [...skipped, ...readers.flatMap((one) => one.skipped)],
    unseen: readers.flatMap((one) => one.unseen),
    intruding: readers.flatMap((one) => one.intruding),
    inconsistent: history.inconsistent,
    surprises: history.surprises,
  };
}

function judgeReader({ userId, seqs }: Told, logs: ReadonlyMap<string, readonly Entry[]>) {
  const doubled: string[] = [];
  const disordered: string[] = [];
  const skipped: string[] = [];
  const unseen: string[] = [];
  const intruding: string[] = [];
  for (const [chatId, log] of logs) {
    const own = visibleTo(userId, log);
    const visible = new Set(own);
    const told = seqs.get(chatId) ?? [];
    const known = new Set<number>();
    let last = 0;
    for (const seq of told) {
      const place = `${userId} in ${chatId} at ${seq}`;
      if (known.has(seq)) doubled.push(place);
      else if (seq < last) disordered.push(place);
      if (!visible.has(seq)) intruding.push(place);
      known.add(seq);
      last = Math.max(last, seq);
    }
    for (const seq of own.filter((one) => !known.has(one))) {
      (seq < last ? skipped : unseen).push(`${userId} in ${chatId} at ${seq}`);
    }
  }
  return { doubled, disordered, skipped, unseen, intruding };
}

/** The positions of a log that somebody may see: from each entry that adds him to the one that removes him. */
export function visibleTo(userId: string, log: readonly Entry[]): number[] {
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
