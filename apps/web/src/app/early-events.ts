/** What a person did on a page that no code handled yet, as public/head.js keeps it. */
type EarlyEvent =
  | { readonly type: "click"; readonly target: HTMLButtonElement }
  | { readonly type: "submit"; readonly target: HTMLFormElement };

declare global {
  interface Window {
    /** Returns the events so far, oldest first, and ends their keeping. */
    takeEarlyEvents?: () => EarlyEvent[];
  }
}

/**
 * Dispatches again, to a page that React has taken over, what a person did on it before: once for each element,
 * however often a button was clicked. Elements that are gone get nothing.
 */
export function dispatchEarlyEvents(): void {
  const done = new Set<HTMLElement>();
  for (const { type, target } of window.takeEarlyEvents?.() ?? []) {
    if (done.has(target) || !target.isConnected) continue;
    done.add(target);
    if (type === "click") target.click();
    else target.requestSubmit();
  }
}
