export type Draft = {
  title: string;
  body: string;
  /** Names the post to come, so that publishing twice makes one post. */
  idempotencyKey: string;
};

/** The draft kept in a slot of this device, or an empty one. */
export function readDraft(slot: string): Draft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(slot) ?? "null");
    return isDraft(kept) ? kept : emptyDraft();
  } catch {
    return emptyDraft();
  }
}

export function emptyDraft(): Draft {
  return { title: "", body: "", idempotencyKey: newKey() };
}

export function keepDraft(slot: string, draft: Draft): void {
  try {
    localStorage.setItem(slot, JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden; the text is still in the form.
  }
}

export function dropDraft(slot: string): void {
  try {
    localStorage.removeItem(slot);
  } catch {
    // Where nothing can be kept, nothing is.
  }
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === "object" &&
    value !== null &&
    ["title", "body", "idempotencyKey"].every(
      (name) => typeof (value as Record<string, unknown>)[name] === "string",
    )
  );
}

/** A name that nobody else gives. */
export function newKey(): string {
  // crypto.randomUUID exists on https and localhost only, and Plaza may be served on a home network.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
