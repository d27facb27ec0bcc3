import { useContext, useLayoutEffect, useState } from "react";
import type { Path } from "react-router";
import { RouterContext } from "./router-contexts.ts";

/** A page that is to be opened, and waits for the user's consent. */
type BlockedPage = { proceed(): void; reset(): void };

/** While active, keeps the page when `shouldBlock` says so, and returns what was to be opened, to ask about it. */
export function useBlocker(
  isActive: boolean,
  shouldBlock: (from: Path, to: Path) => boolean,
): BlockedPage | undefined {
  const { addBlocker } = useContext(RouterContext);
  const [leave, setLeave] = useState<() => void>();
  useLayoutEffect(() => {
    if (!isActive) return;
    return addBlocker({ shouldBlock, block: (next) => setLeave(() => next) });
  }, [isActive, addBlocker, shouldBlock]);
  if (!leave) return undefined;
  const reset = () => setLeave(undefined);
  return {
    proceed() {
      reset();
      leave();
    },
    reset,
  };
}
