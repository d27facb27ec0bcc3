import { createListeners } from "../lib/listeners.ts";
/** A button of a toast. */
export type ToastAction = { label: string; onPress: () => void };

export type Toast = { id: number; text: string; action?: ToastAction | undefined };

const toastDurationMs = 6_000;
const actionToastDurationMs = 12_000;

const listeners = createListeners();
let toasts: readonly Toast[] = [];
let lastToastId = 0;

/** Shows a short message for 6 s, or 12 s with an action; screen readers announce it. */
export function toast(text: string, action?: ToastAction): void {
  const id = ++lastToastId;
  setToasts([...toasts, { id, text, action }]);
  setTimeout(() => dismissToast(id), action ? actionToastDurationMs : toastDurationMs);
}

export function dismissToast(id: number): void {
  setToasts(toasts.filter((shown) => shown.id !== id));
}

export const subscribeToToasts = listeners.add;

export function currentToasts(): readonly Toast[] {
  return toasts;
}

function setToasts(next: readonly Toast[]): void {
  toasts = next;
  listeners.notify();
}
