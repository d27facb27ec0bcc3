import { tryStorage } from "./storage.ts";

const storageKey = "plaza.window";
let id = tryStorage(() => sessionStorage.getItem(storageKey)) ?? newWindowId();
setWindowId(id);

/** An id of this window that survives a reload. */
export function windowId(): string {
  return id;
}

/**
 * Gives this window a new id when another open window has it: a duplicated tab starts with a copy of the
 * session storage.
 */
export function watchWindowId(): void {
  const page = newWindowId();
  const channel = new BroadcastChannel("plaza.windows");
  channel.onmessage = ({ data }: MessageEvent<{ id: string; page: string; isTaken: boolean }>) => {
    if (data.id !== id || data.page === page) return;
    if (data.isTaken) setWindowId(newWindowId());
    else channel.postMessage({ id, page, isTaken: true });
  };
  channel.postMessage({ id, page, isTaken: false });
}

function setWindowId(newId: string): void {
  id = newId;
  tryStorage(() => sessionStorage.setItem(storageKey, newId));
}

function newWindowId(): string {
  return Math.random().toString(36).slice(2);
}
