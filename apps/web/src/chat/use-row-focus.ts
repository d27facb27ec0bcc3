import { type KeyboardEvent, type RefObject, useCallback, useEffect } from "react";

const rowSelector = "[data-seq]";
/** What a panel that lies over the page contains is reached by Tab, as everywhere. */
const controlSelector = "a[href]:not([popover] *), button:not([popover] *)";

/**
 * One Tab stop for a list of messages (WAI-ARIA, roving tabindex). Up, Down, Home and End move between messages, Left
 * and Right between a message and its controls; Escape returns to the message. At first, Tab leads to the last one.
 * The handler is for `onKeyDown` of the list.
 */
export function useRowFocus(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const root = list.current;
    if (!root) return;
    const update = () => updateTabStops(root, findRow(root.ownerDocument.activeElement));
    update();
    const onFocus = ({ target }: FocusEvent) => updateTabStops(root, findRow(target));
    root.addEventListener("focusin", onFocus);
    const observer = new MutationObserver(update);
    observer.observe(root, { childList: true, subtree: true });
    return () => {
      root.removeEventListener("focusin", onFocus);
      observer.disconnect();
    };
  }, [list]);

  return useCallback(
    (event: KeyboardEvent) => {
      const root = list.current;
      const row = findRow(event.target);
      if (!root || !row || (event.target as Element).closest("[popover]")) return;
      const next = nextFocus(root, row, event);
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
    [list],
  );
}

function nextFocus(root: HTMLElement, row: HTMLElement, { key, target }: KeyboardEvent) {
  const rows = [...root.querySelectorAll<HTMLElement>(rowSelector)];
  const index = rows.indexOf(row);
  const stops = [row, ...row.querySelectorAll<HTMLElement>(controlSelector)];
  const stop = stops.indexOf(target as HTMLElement);
  switch (key) {
    case "ArrowUp":
      return rows[Math.max(0, index - 1)];
    case "ArrowDown":
      return rows[Math.min(rows.length - 1, index + 1)];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    case "ArrowRight":
      return stops[Math.min(stops.length - 1, stop + 1)];
    case "ArrowLeft":
      return stops[Math.max(0, stop - 1)];
    case "Escape":
      return target === row ? undefined : row;
    default:
      return undefined;
  }
}

/** Makes one message the Tab stop: that with the focus, else that which has been one, else the last. */
function updateTabStops(root: HTMLElement, focused: HTMLElement | undefined): void {
  const rows = [...root.querySelectorAll<HTMLElement>(rowSelector)];
  const last = rows.at(-1);
  const before = rows.find((row) => row.dataset["visited"] !== undefined);
  const chosen = focused && rows.includes(focused) ? focused : (before ?? last);
  if (focused && chosen === focused) {
    delete before?.dataset["visited"];
    chosen.dataset["visited"] = "";
  }
  for (const row of rows) row.tabIndex = row === chosen ? 0 : -1;
  for (const control of root.querySelectorAll<HTMLElement>(controlSelector)) control.tabIndex = -1;
}

function findRow(element: unknown): HTMLElement | undefined {
  return element instanceof Element
    ? (element.closest<HTMLElement>(rowSelector) ?? undefined)
    : undefined;
}
