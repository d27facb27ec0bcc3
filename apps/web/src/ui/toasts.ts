/** What one can do about a toast's message while it is shown. */
export type ToastAction = { label: string; onPress: () => void };

export type Toast = { id: number; text: string; action?: ToastAction | undefined };

const toastDurationMs = 6_000;
/** Something to decide about stays longer than something to know. */
const actionToastDurationMs = 12_000;

const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastToastId = 0;

/** Shows a short message for a few seconds; screen readers say it. */
export function toast(text: string, action?: ToastAction): void {
  const id = ++lastToastId;
  setToasts([...toasts, { id, text, action }]);
  setTimeout(() => dismissToast(id), action ? actionToastDurationMs : toastDurationMs);
}

export function dismissToast(id: number): void {
  setToasts(toasts.filter((shown) => shown.id !== id));
}

export function subscribeToToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentToasts(): readonly Toast[] {
  return toasts;
}

function setToasts(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
