import { tryStorage } from "./storage.ts";

const loadErrors = new WeakSet<object>();

/**
 * Remembers which errors say that code of the site could not be loaded: browsers have a text of their own for each,
 * and Vite's runtime announces all of them by this event.
 */
export function watchLoadErrors(): void {
  window.addEventListener("vite:preloadError", ({ payload }) => loadErrors.add(payload));
}

/** Whether code could not be loaded: the connection is lost, or a newer version of the site has other files. */
export function isLoadError(error: unknown): boolean {
  return typeof error === "object" && error !== null && loadErrors.has(error);
}

const reloadKey = "plaza.reloaded";
/** A page whose code is missing right after a reload would be loaded again without end. */
const minReloadIntervalMs = 30_000;

/** Whether the page may be loaded again by itself, to get code that was missing. It counts as done when it may. */
export function mayReload(): boolean {
  const last = tryStorage(() => Number(sessionStorage.getItem(reloadKey)));
  // Without storage nothing would stop the reloads.
  if (last === undefined || Date.now() - last < minReloadIntervalMs) return false;
  return tryStorage(() => sessionStorage.setItem(reloadKey, String(Date.now())) ?? true) ?? false;
}
