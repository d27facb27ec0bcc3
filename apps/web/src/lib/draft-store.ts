import { tryStorage } from "./storage.ts";

/** What is written in one place: the values of its fields by name, and what belongs to them. */
export type DraftValues = Readonly<Record<string, unknown>>;

export type Draft = {
  /** What this window, or one that was closed, has stored; undefined for nothing. */
  read(): DraftValues | undefined;
  save(values: DraftValues): void;
  clear(): void;
};

export type DraftStore = {
  /** The draft of an account in one place, such as `post.new` or `chat.<id>`. */
  open(account: string, place: string): Draft;
  /** Deletes an account's drafts of all windows, except those in places with the prefix. */
  clear(account: string, exceptPrefix: string): void;
  /** Lets other windows take over this one's drafts, because it closes. */
  release(): void;
};

type StoredDraft = { values: DraftValues; changedAt: number; isReleased: boolean };

const storageKeyPrefix = "plaza.draft.";
const maxAgeMs = 30 * 24 * 3_600_000;
/** A window that crashed has not released its drafts; another one takes them over when they are this old. */
const abandonedAfterMs = 10 * 60_000;

/**
 * Unsent text, stored in this browser until it is sent. Each window has drafts of its own, which survive a reload;
 * the first window that opens the place again takes over the newest draft of a closed one. Drafts that cannot be
 * stored last as long as the page.
 */
export function createDraftStore(
  storage: Storage | undefined,
  windowId: () => string,
  now = Date.now,
): DraftStore {
  const unstored = new Map<string, StoredDraft>();

  const read = (key: string): StoredDraft | undefined => {
    const stored = tryStorage((): unknown => JSON.parse(storage?.getItem(key) ?? "null"));
    return isStoredDraft(stored) ? stored : unstored.get(key);
  };
  const write = (key: string, draft: StoredDraft) => {
    const isStored = tryStorage(() => {
      storage?.setItem(key, JSON.stringify(draft));
      return storage !== undefined;
    });
    if (isStored) unstored.delete(key);
    else unstored.set(key, draft);
  };
  const remove = (key: string) => {
    unstored.delete(key);
    tryStorage(() => storage?.removeItem(key));
  };
  const keysWith = (prefix: string): string[] => {
    const stored = tryStorage(() =>
      Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n) ?? ""),
    );
    return [...new Set([...(stored ?? []), ...unstored.keys()])].filter((key) =>
      key.startsWith(prefix),
    );
  };
  const removeOld = () => {
    for (const key of keysWith(storageKeyPrefix)) {
      const draft = read(key);
      if (draft && now() - draft.changedAt > maxAgeMs) remove(key);
    }
  };
  /** Moves the newest draft that no open window owns to this window. */
  const takeOver = (prefix: string, ownKey: string): StoredDraft | undefined => {
    const [newest] = keysWith(prefix)
      .flatMap((key) => ({ key, draft: read(key) }))
      .filter(
        ({ draft }) => draft && (draft.isReleased || now() - draft.changedAt > abandonedAfterMs),
      )
      .sort((one, other) => (other.draft?.changedAt ?? 0) - (one.draft?.changedAt ?? 0));
    if (!newest?.draft) return undefined;
    remove(newest.key);
    write(ownKey, { ...newest.draft, isReleased: false });
    return newest.draft;
  };

  return {
    open(account, place) {
      removeOld();
      const prefix = `${storageKeyPrefix}${account}.${place}#`;
      const ownKey = () => prefix + windowId();
      return {
        read: () => (read(ownKey()) ?? takeOver(prefix, ownKey()))?.values,
        save: (values) => write(ownKey(), { values, changedAt: now(), isReleased: false }),
        clear: () => remove(ownKey()),
      };
    },
    clear(account, exceptPrefix) {
      const prefix = `${storageKeyPrefix}${account}.`;
      for (const key of keysWith(prefix)) {
        if (!key.startsWith(prefix + exceptPrefix)) remove(key);
      }
    },
    release() {
      for (const key of keysWith(storageKeyPrefix)) {
        const draft = key.endsWith(`#${windowId()}`) ? read(key) : undefined;
        if (draft) write(key, { ...draft, isReleased: true });
      }
    },
  };
}

function isStoredDraft(value: unknown): value is StoredDraft {
  if (typeof value !== "object" || value === null) return false;
  const { values, changedAt, isReleased } = value as Record<string, unknown>;
  return (
    typeof values === "object" &&
    values !== null &&
    typeof changedAt === "number" &&
    typeof isReleased === "boolean"
  );
}
