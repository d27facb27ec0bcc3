let isConnected = false;
const listeners = new Set<() => void>();

/** Whether what happens is told as it happens. */
export function isStreamConnected(): boolean {
  return isConnected;
}

export function onStreamStatusChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setStreamConnected(connected: boolean): void {
  if (isConnected === connected) return;
  isConnected = connected;
  for (const listener of listeners) listener();
}
