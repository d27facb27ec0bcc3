import { type RefObject, useEffect, useRef } from "react";

type LoadOnScrollOptions = {
  /** False while a page is loading, after it failed, and when there is none. */
  canLoad: boolean;
  load: () => void;
  /** What scrolls, if not the window. */
  scroller?: RefObject<HTMLElement | null>;
};

const noScroller: RefObject<null> = { current: null };

/** Calls `load` when the button that has the returned ref comes within 600 px of what is visible. */
export function useLoadOnScroll(options: LoadOnScrollOptions): RefObject<HTMLButtonElement | null> {
  const { canLoad, load, scroller = noScroller } = options;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!canLoad || !button.current || !("IntersectionObserver" in window)) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load();
      },
      { root: scroller.current, rootMargin: "600px" },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [canLoad, load, scroller]);
  return button;
}
