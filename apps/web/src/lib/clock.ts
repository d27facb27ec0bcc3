import { useSyncExternalStore } from "react";
import { startOfDay } from "./format.ts";
import { createListeners } from "./listeners.ts";

const minuteMs = 60_000;

const listeners = createListeners();
let listenerCount = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls the listener at each full minute, and when the window is shown again: timers sleep with the device. */
function subscribe(listener: () => void): () => void {
  const remove = listeners.add(listener);
  listenerCount += 1;
  if (listenerCount === 1) {
    document.addEventListener("visibilitychange", tick);
    schedule();
  }
  return () => {
    remove();
    listenerCount -= 1;
    if (listenerCount > 0) return;
    document.removeEventListener("visibilitychange", tick);
    clearTimeout(timer);
  };
}

function tick(): void {
  listeners.notify();
  schedule();
}

function schedule(): void {
  clearTimeout(timer);
  timer = setTimeout(tick, minuteMs - (Date.now() % minuteMs));
}

/** On the server no time passes. */
const noSnapshot = () => 0;

/** Now; the component renders again each minute. */
export function useNow(): Date {
  useSyncExternalStore(subscribe, () => Math.floor(Date.now() / minuteMs), noSnapshot);
  return new Date();
}

/** Now; the component renders again at midnight. */
export function useToday(): Date {
  useSyncExternalStore(subscribe, () => startOfDay(new Date()), noSnapshot);
  return new Date();
}
