import { useSyncExternalStore } from "react";

const subscribe = () => () => undefined;

/**
 * False while a page is rendered on the server and while the browser takes that over, then true. What depends on
 * the reader's clock, time zone or locale waits for it, because both renders must give the same.
 */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
}
