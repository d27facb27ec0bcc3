import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near to its end counts as there, in pixels. */
const endThresholdPx = 48;

export type ScrollAnchor = ReturnType<typeof useScrollAnchor>;

/**
 * Keeps what one reads where it is while a list grows at both ends or its rows change their size: at its end
 * it stays at the end, elsewhere the first message in sight stays in place. Browsers do a part of this by
 * themselves, and not all of them: that is switched off.
 */
export function useScrollAnchor(version: unknown) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLOListElement>(null);
  const anchor = useRef<{ row: Element; foot: number }>(undefined);
  const sticks = useRef(true);
  const lastTop = useRef(0);
  // Known once it is laid out; until then nothing counts as seen.
  const [isAtEnd, setAtEnd] = useState(false);

  const note = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const isEnd = box.scrollHeight - box.clientHeight - box.scrollTop < endThresholdPx;
    // Only going up leaves the end; it also moves away by itself, as rows come.
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
      box.scrollTop += bottomOffsetIn(box, anchor.current.row) - anchor.current.foot;
    }
    note();
  }, [note]);

  useLayoutEffect(restore, [version, restore]);
  useEffect(() => {
    const watch = new ResizeObserver(restore);
    for (const element of [scroller.current, content.current]) if (element) watch.observe(element);
    return () => watch.disconnect();
  }, [restore]);

  const toEnd = useCallback(() => {
    sticks.current = true;
    restore();
  }, [restore]);
  /** Shows a row at some part of the height, from 0 at the top to 1. */
  const show = useCallback(
    (row: Element, part: number) => {
      const box = scroller.current;
      if (!box) return;
      sticks.current = false;
      const { top } = row.getBoundingClientRect();
      box.scrollTop += top - box.getBoundingClientRect().top - part * box.clientHeight;
      note();
    },
    [note],
  );
  return { scroller, content, isAtEnd, note, toEnd, show };
}

/** The first message of which all is in sight, by its foot: its head may change with what comes before it. */
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
  return row && { row, foot: bottomOffsetIn(box, row) };
}

function bottomOffsetIn(box: Element, row: Element): number {
  return row.getBoundingClientRect().bottom - box.getBoundingClientRect().top;
}
