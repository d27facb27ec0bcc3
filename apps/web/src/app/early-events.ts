import { flushSync } from "react-dom";

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
 * Dispatches again, to a page that React has taken over, what a person did on it before: typing, then clicks and
 * submits, once for each element, however often a button was clicked. Elements that are gone get nothing.
 */
export function dispatchEarlyEvents(): void {
  for (const field of document.querySelectorAll<TextField>("input, textarea")) {
    if (field.value !== field.defaultValue) dispatchTyping(field);
  }
  const done = new Set<HTMLElement>();
  for (const { type, target } of window.takeEarlyEvents?.() ?? []) {
    if (done.has(target) || !target.isConnected) continue;
    done.add(target);
    if (type === "click") target.click();
    else target.requestSubmit();
  }
}

type TextField = HTMLInputElement | HTMLTextAreaElement;

/** React takes a field over as it is, and would put back the rendered text at the next rendering. */
function dispatchTyping(field: TextField): void {
  const { value, defaultValue } = field;
  // React tells of an input when the text is another than it has seen: it sees what is set by its own property.
  field.value = defaultValue;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
  // The handler of a submit needs the text.
  flushSync(() => field.dispatchEvent(new Event("input", { bubbles: true })));
}
