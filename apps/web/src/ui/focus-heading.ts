/** Focuses the page's heading, for when the focused element was removed. */
export function focusHeading(): void {
  document.querySelector("h1")?.focus();
}
