import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Nearer to the end than this counts as at the end. */
const endThresholdPx = 48;

export type ScrollAnchor = ReturnType<typeof useScrollAnchor>;

/**
 * Scroll anchoring: while rows are added or resized, the list stays at its end if it was there; otherwise the first
 * visible message stays in place. Browsers' own anchoring (overflow-anchor) is partial and must be switched off.
 * `version` changes with the rows.
 */
export function useScrollAnchor(version: unknown) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLOListElement>(null);
  const anchor = useRef<{ row: Element; bottomOffset: number }>(undefined);
  const sticks = useRef(true);
  const lastTop = useRef(0);
  // False until the first layout, so that nothing counts as read before.
  const [isAtEnd, setAtEnd] = useState(false);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const isEnd = box.scrollHeight - box.clientHeight - box.scrollTop < endThresholdPx;
    // Only scrolling up leaves the end; added rows move the end away too.
    if (isEnd) sticks.current = true;
    else if (box.scrollTop < lastTop.current - 1) sticks.current = false;
    lastTop.current = box.scrollTop;
    anchor.current = findFirstVisibleMessage(box, content.current);
    setAtEnd(sticks.current);
  }, []);

  const restore = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    if (sticks.current) box.scrollTop = box.scrollHeight;
    else if (anchor.current?.row.isConnected) {
      box.scrollTop += bottomOffsetIn(box, anchor.current.row) - anchor.current.bottomOffset;
    }
    onScroll();
  }, [onScroll]);

  useLayoutEffect(restore, [version, restore]);
  useEffect(() => {
    const observer = new ResizeObserver(restore);
    for (const element of [scroller.current, content.current])
      if (element) observer.observe(element);
    return () => observer.disconnect();
  }, [restore]);

  const scrollToEnd = useCallback(() => {
    sticks.current = true;
    restore();
  }, [restore]);
  /** Scrolls so that the top of a row is at a fraction of the height, 0 being the top. */
  const scrollToRow = useCallback(
    (row: Element, fraction: number) => {
      const box = scroller.current;
      if (!box) return;
      sticks.current = false;
      const { top } = row.getBoundingClientRect();
      box.scrollTop += top - box.getBoundingClientRect().top - fraction * box.clientHeight;
      onScroll();
    },
    [onScroll],
  );
  return { scroller, content, isAtEnd, onScroll, scrollToEnd, scrollToRow };
}

/**
 * The first wholly visible message, with the offset of its bottom: its top moves when the message before it
 * changes.
 */
function findFirstVisibleMessage(box: Element, content: Element | null) {
  const rows = content?.children ?? [];
  const { top } = box.getBoundingClientRect();
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rows[middle]?.getBoundingClientRect().top ?? 0) >= top) to = middle;
    else from = middle + 1;
  }
  while (from < rows.length && !rows[from]?.hasAttribute("data-seq")) from += 1;
  const row = rows[from];
  return row && { row, bottomOffset: bottomOffsetIn(box, row) };
}

function bottomOffsetIn(box: Element, row: Element): number {
  return row.getBoundingClientRect().bottom - box.getBoundingClientRect().top;
}
