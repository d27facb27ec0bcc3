import { createDraftStore } from "./draft-store.ts";
import { tryStorage } from "./storage.ts";
import { watchWindowId, windowId } from "./window-id.ts";

/** The unsent texts of this browser. */
export const drafts = createDraftStore(
  tryStorage(() => localStorage),
  windowId,
);

/** Drafts of posts, which stay when their author signs out: they are meant for everybody. */
export const postDraftPrefix = "post.";

/** Keeps the drafts of two windows apart, and lets those of a closed window go to the next. */
export function watchWindow(): void {
  watchWindowId();
  window.addEventListener("pagehide", drafts.release);
}
