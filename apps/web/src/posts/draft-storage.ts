import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { tryStorage } from "../lib/storage.ts";
import type { Revision } from "../ui/forms/conflicts.ts";

export type PostText = { title: string; body: string };

export type PostDraft = PostText & {
  /** What the edit of an existing post began from; a draft may be restored when the post has changed since. */
  base?: Revision<PostText>;
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
  return hasTexts(value, ["title", "body", "idempotencyKey"]) && isBase(value["base"]);
}

function isBase(value: unknown): boolean {
  if (value === undefined) return true;
  return hasTexts(value, ["etag"]) && hasTexts(value["values"], ["title", "body"]);
}

function hasTexts(value: unknown, names: string[]): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === "string");
}
