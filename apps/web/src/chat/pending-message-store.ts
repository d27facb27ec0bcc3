/** A message that is to be said, kept in this browser until the server has it. */
export type Letter = {
  /** Names it, so that sending it twice says it once. */
  readonly key: string;
  readonly chatId: string;
  readonly text: string;
  /** The seq of the message that it answers; 0 for none. */
  readonly replyToSeq: number;
  /** When it was written, in milliseconds; letters are sent in this order. */
  readonly writtenAt: number;
  /** The last seq of the chat that was known then: it is said after that. */
  readonly afterSeq: number;
  /** Why the server refused it, in a sentence. Absent while it is on its way. */
  readonly refusal?: string;
};

export type Outbox = {
  /** All letters, in the order in which they are sent: the same array until they change. */
  letters(): readonly Letter[];
  /** Adds a letter, or changes the one of its key. */
  put(letter: Letter): void;
  remove(key: string): void;
  /** Takes over what another window of this browser has changed. */
  reread(): void;
  subscribe(listener: () => void): () => void;
};

const prefix = "plaza.outbox.";
const open = new Map<string, Outbox>();

/** The outbox of an account in this browser. */
export function outboxOf(userId: string): Outbox {
  const known = open.get(userId) ?? openOutbox(userId, deviceStorage());
  open.set(userId, known);
  return known;
}

/**
 * The letters of one account. Each has a slot of its own in the storage, so that two windows do not overwrite
 * each other's. What cannot be stored lasts as long as the page.
 */
export function openOutbox(userId: string, storage: Storage | undefined): Outbox {
  const own = `${prefix}${userId}.`;
  const listeners = new Set<() => void>();
  const unstored = new Map<string, Letter>();
  let letters = read(storage, own);
  const change = (to: readonly Letter[]) => {
    letters = to.toSorted(byTime);
    for (const listener of listeners) listener();
  };
  return {
    letters: () => letters,
    put(letter) {
      unstored.delete(letter.key);
      if (!store(storage, own + letter.key, letter)) unstored.set(letter.key, letter);
      change([...letters.filter(({ key }) => key !== letter.key), letter]);
    },
    remove(key) {
      unstored.delete(key);
      attempt(() => storage?.removeItem(own + key));
      change(letters.filter((letter) => letter.key !== key));
    },
    reread: () => change([...read(storage, own), ...unstored.values()]),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Deletes the letters of an account, for good. */
export function burnLetters(userId: string, storage = deviceStorage()): void {
  for (const slot of slotsOf(storage, `${prefix}${userId}.`)) {
    attempt(() => storage?.removeItem(slot));
  }
  // Else one that is being sent could be put back.
  const outbox = open.get(userId);
  for (const { key } of outbox?.letters() ?? []) outbox?.remove(key);
}

/** Whether a change of the storage is about letters; null stands for all of it. */
export function isAboutLetters(slot: string | null): boolean {
  return slot === null || slot.startsWith(prefix);
}

/** The storage of this browser, if it may be used. */
function deviceStorage(): Storage | undefined {
  return attempt(() => localStorage);
}

function read(storage: Storage | undefined, own: string): readonly Letter[] {
  const kept = slotsOf(storage, own).map((slot) =>
    attempt((): unknown => JSON.parse(storage?.getItem(slot) ?? "null")),
  );
  return kept.filter(isLetter).toSorted(byTime);
}

function byTime(one: Letter, other: Letter): number {
  return one.writtenAt - other.writtenAt;
}

function store(storage: Storage | undefined, slot: string, letter: Letter): boolean {
  const isStored = attempt(() => {
    storage?.setItem(slot, JSON.stringify(letter));
    return storage !== undefined;
  });
  return isStored ?? false;
}

function slotsOf(storage: Storage | undefined, start: string): string[] {
  const all = attempt(() =>
    Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n)),
  );
  return (all ?? []).flatMap((slot) => (slot?.startsWith(start) ? [slot] : []));
}

function isLetter(value: unknown): value is Letter {
  if (typeof value !== "object" || value === null) return false;
  const { key, chatId, text, replyToSeq, writtenAt, afterSeq } = value as Record<string, unknown>;
  const texts = [key, chatId, text].every((one) => typeof one === "string");
  return texts && [replyToSeq, writtenAt, afterSeq].every((one) => typeof one === "number");
}

/** Storage can be forbidden or full. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
