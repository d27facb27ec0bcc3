import { createListeners } from "../lib/listeners.ts";
import { tryStorage } from "../lib/storage.ts";

/** A message that is not sent yet, stored in this browser until the server has it. */
export type PendingMessage = {
  /** Idempotency key of SendMessage. */
  readonly key: string;
  readonly chatId: string;
  readonly text: string;
  /** The seq of the message that it replies to; 0 for none. */
  readonly replyToSeq: number;
  /** When it was written, in milliseconds since 1970; messages are sent in this order. */
  readonly writtenAt: number;
  /** The chat's last seq when it was written; the delivered message has a higher one. */
  readonly afterSeq: number;
  /** Why the server rejected it, in a sentence for people; absent until then. */
  readonly refusal?: string;
};

export type PendingMessageStore = {
  /** All messages in the order of writing; the same array until one changes. */
  list(): readonly PendingMessage[];
  /** Adds a message, or replaces the one with its key. */
  put(message: PendingMessage): void;
  remove(key: string): void;
  /** Reads again what other windows of this browser have stored. */
  reload(): void;
  subscribe(listener: () => void): () => void;
};

const storageKeyPrefix = "plaza.outbox.";
const openStores = new Map<string, PendingMessageStore>();

/** The store of an account in this browser's storage; the same object for each call. */
export function pendingMessageStore(userId: string): PendingMessageStore {
  const store = openStores.get(userId) ?? openPendingMessageStore(userId, browserStorage());
  openStores.set(userId, store);
  return store;
}

/**
 * Opens the pending messages of one account. Each message has its own storage key, so that two windows do not
 * overwrite each other's. Messages that cannot be stored last as long as the page.
 */
export function openPendingMessageStore(
  userId: string,
  storage: Storage | undefined,
): PendingMessageStore {
  const keyPrefix = `${storageKeyPrefix}${userId}.`;
  const listeners = createListeners();
  const unstored = new Map<string, PendingMessage>();
  let messages = readPendingMessages(storage, keyPrefix);
  const setMessages = (changed: readonly PendingMessage[]) => {
    messages = changed.toSorted(compareByWrittenAt);
    listeners.notify();
  };
  return {
    list: () => messages,
    put(message) {
      unstored.delete(message.key);
      if (!trySave(storage, keyPrefix + message.key, message)) unstored.set(message.key, message);
      setMessages([...messages.filter(({ key }) => key !== message.key), message]);
    },
    remove(key) {
      unstored.delete(key);
      tryStorage(() => storage?.removeItem(keyPrefix + key));
      setMessages(messages.filter((message) => message.key !== key));
    },
    reload: () => setMessages([...readPendingMessages(storage, keyPrefix), ...unstored.values()]),
    subscribe: listeners.add,
  };
}

/** Deletes the pending messages of an account from storage and memory. */
export function clearPendingMessages(userId: string, storage = browserStorage()): void {
  for (const storageKey of keysWithPrefix(storage, `${storageKeyPrefix}${userId}.`)) {
    tryStorage(() => storage?.removeItem(storageKey));
  }
  // Also from the open store, which could otherwise write a message back whose sending fails.
  const store = openStores.get(userId);
  for (const { key } of store?.list() ?? []) store?.remove(key);
}

/**
 * Whether a StorageEvent with this key concerns pending messages; its key is null when the whole storage was
 * cleared.
 */
export function isPendingMessageKey(storageKey: string | null): boolean {
  return storageKey === null || storageKey.startsWith(storageKeyPrefix);
}

function browserStorage(): Storage | undefined {
  return tryStorage(() => localStorage);
}

function readPendingMessages(
  storage: Storage | undefined,
  keyPrefix: string,
): readonly PendingMessage[] {
  const stored = keysWithPrefix(storage, keyPrefix).map((storageKey) =>
    tryStorage((): unknown => JSON.parse(storage?.getItem(storageKey) ?? "null")),
  );
  return stored.filter(isPendingMessage).toSorted(compareByWrittenAt);
}

function compareByWrittenAt(one: PendingMessage, other: PendingMessage): number {
  return one.writtenAt - other.writtenAt;
}

function trySave(
  storage: Storage | undefined,
  storageKey: string,
  message: PendingMessage,
): boolean {
  const isStored = tryStorage(() => {
    storage?.setItem(storageKey, JSON.stringify(message));
    return storage !== undefined;
  });
  return isStored ?? false;
}

function keysWithPrefix(storage: Storage | undefined, keyPrefix: string): string[] {
  const all = tryStorage(() =>
    Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n)),
  );
  return (all ?? []).flatMap((storageKey) =>
    storageKey?.startsWith(keyPrefix) ? [storageKey] : [],
  );
}

function isPendingMessage(value: unknown): value is PendingMessage {
  if (typeof value !== "object" || value === null) return false;
  const { key, chatId, text, replyToSeq, writtenAt, afterSeq } = value as Record<string, unknown>;
  return (
    [key, chatId, text].every((field) => typeof field === "string") &&
    [replyToSeq, writtenAt, afterSeq].every((field) => typeof field === "number")
  );
}
