/** What one can do about a toast's message while it is shown. */
export type ToastAction = { name: string; run: () => void };

export type Toast = { id: number; text: string; action?: ToastAction | undefined };

const shownForMs = 6_000;
/** Something to decide about stays longer than something to know. */
const offeredForMs = 12_000;

const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastId = 0;

/** Shows a short message for a few seconds; screen readers say it. */
export function toast(text: string, action?: ToastAction): void {
  const id = ++lastId;
  change([...toasts, { id, text, action }]);
  setTimeout(() => dismiss(id), action ? offeredForMs : shownForMs);
}

export function dismiss(id: number): void {
  change(toasts.filter((shown) => shown.id !== id));
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentToasts(): readonly Toast[] {
  return toasts;
}

function change(to: readonly Toast[]): void {
  toasts = to;
  for (const listener of listeners) listener();
}
