import { createListeners } from "../lib/listeners.ts";

let isConnected = false;
const listeners = createListeners();

/** Whether the chat stream is connected and has caught up. */
export function isStreamConnected(): boolean {
  return isConnected;
}

export const onStreamStatusChange = listeners.add;

export function setStreamConnected(connected: boolean): void {
  if (isConnected === connected) return;
  isConnected = connected;
  listeners.notify();
}
