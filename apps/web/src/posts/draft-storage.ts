import { newIdempotencyKey } from "../lib/idempotency-key.ts";

export type PostDraft = {
  title: string;
  body: string;
  /** Names the post to come, so that publishing twice makes one post. */
  idempotencyKey: string;
};

/** The draft kept in a slot of this device, or an empty one. */
export function readDraft(storageKey: string): PostDraft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "null");
    return isDraft(kept) ? kept : newDraft();
  } catch {
    return newDraft();
  }
}

export function newDraft(): PostDraft {
  return { title: "", body: "", idempotencyKey: newIdempotencyKey() };
}

export function saveDraft(storageKey: string, draft: PostDraft): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden; the text is still in the form.
  }
}

export function deleteDraft(storageKey: string): void {
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Where nothing can be kept, nothing is.
  }
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
