import { createListeners } from "../lib/listeners.ts";

const listeners = createListeners<[userId: string]>();

/** Calls `clear` when the session of a member is ended in this window, to delete what the browser stores of them. */
export const onSessionEnd = listeners.add;
export const notifySessionEnd = listeners.notify;
