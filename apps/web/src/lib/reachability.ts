import { useSyncExternalStore } from "react";
import { type Backoff, createBackoff } from "./backoff.ts";

const firstRetryDelayMs = 1_000;

/** Resolves when the server answers, or on abort. Asks again with backoff, and at once when the browser is online. */
export async function untilReachable(signal: AbortSignal): Promise<void> {
  const backoff = createBackoff(firstRetryDelayMs);
  while (!signal.aborted && !(await isReachable(signal))) await waitBeforeRetry(backoff, signal);
}

/** Waits for the next delay, or until the browser is online again or `signal` aborts. */
export async function waitBeforeRetry(backoff: Backoff, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const waiting = new AbortController();
  await backoff.wait(
    new Promise((resolve) => {
      window.addEventListener("online", resolve, { signal: waiting.signal });
      signal.addEventListener("abort", resolve, { signal: waiting.signal });
    }),
  );
  waiting.abort();
}

async function isReachable(signal: AbortSignal): Promise<boolean> {
  if (!navigator.onLine) return false;
  try {
    return (await fetch("/readyz", { cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

/** Whether the browser has a network. With one, the server may be out of reach all the same. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
