import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { tryStorage } from "../lib/storage.ts";

export type PostDraft = {
  title: string;
  body: string;
  /** Idempotency key of CreatePost: publishing twice makes one post. */
  idempotencyKey: string;
};

/** The draft that this browser stores below the key, or an empty one. */
export function readDraft(storageKey: string): PostDraft {
  const stored = tryStorage((): unknown => JSON.parse(localStorage.getItem(storageKey) ?? "null"));
  return isDraft(stored) ? stored : newDraft();
}

export function newDraft(): PostDraft {
  return { title: "", body: "", idempotencyKey: newIdempotencyKey() };
}

export function saveDraft(storageKey: string, draft: PostDraft): void {
  // Without storage, the text is still in the form.
  tryStorage(() => localStorage.setItem(storageKey, JSON.stringify(draft)));
}

export function deleteDraft(storageKey: string): void {
  tryStorage(() => localStorage.removeItem(storageKey));
}

function isDraft(value: unknown): value is PostDraft {
  return (
    typeof value === "object" &&
    value !== null &&
    ["title", "body", "idempotencyKey"].every(
      (name) => typeof (value as Record<string, unknown>)[name] === "string",
    )
  );
}
