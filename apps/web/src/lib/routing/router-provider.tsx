import { type ReactNode, startTransition, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Router as RouterBase } from "react-router";
import type { Router, RouterState } from "./router.ts";
import { PageStatusContext, RouterContext } from "./router-contexts.ts";

type RouterProviderProps = { router: Router; fallback: ReactNode; children: ReactNode };

/** Moves React Router's components by a router. Shows `fallback` until the code of the first page is there. */
export function RouterProvider({ router, fallback, children }: RouterProviderProps) {
  const [state, setState] = useState(router.getState);
  useLayoutEffect(() => {
    const stop = router.subscribe((next, isFlushed) => {
      if (isFlushed) flushSync(() => setState(next));
      else startTransition(() => setState(next));
    });
    setState(router.getState());
    return stop;
  }, [router]);
  useScrollRestoration(state);
  return (
    <RouterContext value={router}>
      <PageStatusContext value={state}>
        <RouterBase location={state.location} navigator={router.navigator}>
          {state.isReady ? children : fallback}
        </RouterBase>
      </PageStatusContext>
    </RouterContext>
  );
}

/** Scrolls to the top of a new page, to the part that the address names, or where the reader left an earlier one. */
function useScrollRestoration({ location, scrollY, isReady }: RouterState): void {
  const shown = useRef<unknown>(undefined);
  useLayoutEffect(() => {
    const isFirst = shown.current === undefined;
    if (!isReady || shown.current === location) return;
    shown.current = location;
    const target = document.getElementById(decodeHash(location.hash));
    if (scrollY !== undefined) window.scrollTo(0, scrollY);
    else if (target) target.scrollIntoView();
    // The reader may have scrolled the first page before its scripts were there.
    else if (!isFirst) window.scrollTo(0, 0);
  }, [location, scrollY, isReady]);
}

function decodeHash(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}
