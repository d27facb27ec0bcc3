let isUp = false;
const listeners = new Set<() => void>();

/** Whether what happens is told as it happens. */
export function isLive(): boolean {
  return isUp;
}

export function onLiveChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setLive(to: boolean): void {
  if (isUp === to) return;
  isUp = to;
  for (const listener of listeners) listener();
}
