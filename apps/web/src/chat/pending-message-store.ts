/** A message that is to be said, kept in this browser until the server has it. */
export type PendingMessage = {
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

export type PendingMessageStore = {
  /** All letters, in the order in which they are sent: the same array until they change. */
  list(): readonly PendingMessage[];
  /** Adds a letter, or changes the one of its key. */
  put(letter: PendingMessage): void;
  remove(key: string): void;
  /** Takes over what another window of this browser has changed. */
  reload(): void;
  subscribe(listener: () => void): () => void;
};

const storageKeyPrefix = "plaza.outbox.";
const openStores = new Map<string, PendingMessageStore>();

/** The outbox of an account in this browser. */
export function pendingMessageStore(userId: string): PendingMessageStore {
  const known = openStores.get(userId) ?? openPendingMessageStore(userId, browserStorage());
  openStores.set(userId, known);
  return known;
}

/**
 * The letters of one account. Each has a slot of its own in the storage, so that two windows do not overwrite
 * each other's. What cannot be stored lasts as long as the page.
 */
export function openPendingMessageStore(
  userId: string,
  storage: Storage | undefined,
): PendingMessageStore {
  const own = `${storageKeyPrefix}${userId}.`;
  const listeners = new Set<() => void>();
  const unstored = new Map<string, PendingMessage>();
  let letters = readPendingMessages(storage, own);
  const change = (to: readonly PendingMessage[]) => {
    letters = to.toSorted(compareByWrittenAt);
    for (const listener of listeners) listener();
  };
  return {
    list: () => letters,
    put(letter) {
      unstored.delete(letter.key);
      if (!trySave(storage, own + letter.key, letter)) unstored.set(letter.key, letter);
      change([...letters.filter(({ key }) => key !== letter.key), letter]);
    },
    remove(key) {
      unstored.delete(key);
      tryStorage(() => storage?.removeItem(own + key));
      change(letters.filter((letter) => letter.key !== key));
    },
    reload: () => change([...readPendingMessages(storage, own), ...unstored.values()]),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Deletes the letters of an account, for good. */
export function clearPendingMessages(userId: string, storage = browserStorage()): void {
  for (const slot of keysWithPrefix(storage, `${storageKeyPrefix}${userId}.`)) {
    tryStorage(() => storage?.removeItem(slot));
  }
  // Else one that is being sent could be put back.
  const outbox = openStores.get(userId);
  for (const { key } of outbox?.list() ?? []) outbox?.remove(key);
}

/** Whether a change of the storage is about letters; null stands for all of it. */
export function isPendingMessageKey(storageKey: string | null): boolean {
  return storageKey === null || storageKey.startsWith(storageKeyPrefix);
}

/** The storage of this browser, if it may be used. */
function browserStorage(): Storage | undefined {
  return tryStorage(() => localStorage);
}

function readPendingMessages(
  storage: Storage | undefined,
  keyPrefix: string,
): readonly PendingMessage[] {
  const kept = keysWithPrefix(storage, keyPrefix).map((slot) =>
    tryStorage((): unknown => JSON.parse(storage?.getItem(slot) ?? "null")),
  );
  return kept.filter(isPendingMessage).toSorted(compareByWrittenAt);
}

function compareByWrittenAt(one: PendingMessage, other: PendingMessage): number {
  return one.writtenAt - other.writtenAt;
}

function trySave(
  storage: Storage | undefined,
  storageKey: string,
  letter: PendingMessage,
): boolean {
  const isStored = tryStorage(() => {
    storage?.setItem(storageKey, JSON.stringify(letter));
    return storage !== undefined;
  });
  return isStored ?? false;
}

function keysWithPrefix(storage: Storage | undefined, keyPrefix: string): string[] {
  const all = tryStorage(() =>
    Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n)),
  );
  return (all ?? []).flatMap((slot) => (slot?.startsWith(keyPrefix) ? [slot] : []));
}

function isPendingMessage(value: unknown): value is PendingMessage {
  if (typeof value !== "object" || value === null) return false;
  const { key, chatId, text, replyToSeq, writtenAt, afterSeq } = value as Record<string, unknown>;
  const texts = [key, chatId, text].every((one) => typeof one === "string");
  return texts && [replyToSeq, writtenAt, afterSeq].every((one) => typeof one === "number");
}

/** Storage can be forbidden or full. */
function tryStorage<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
