export type Toast = { id: number; text: string };

const shownForMs = 6_000;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastId = 0;

/** Shows a short message for a few seconds; screen readers say it. */
export function toast(text: string): void {
  const id = ++lastId;
  change([...toasts, { id, text }]);
  setTimeout(() => dismiss(id), shownForMs);
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
