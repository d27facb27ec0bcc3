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
