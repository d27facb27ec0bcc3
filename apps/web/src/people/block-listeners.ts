import type { QueryClient } from "@tanstack/react-query";
import { createListeners } from "../lib/listeners.ts";

const listeners = createListeners<[client: QueryClient, userId: string, isBlocked: boolean]>();

/**
 * Calls `listener` when the member blocks or unblocks a user. Blocking changes what other features show of that
 * user.
 */
export const onBlockChange = listeners.add;
export const notifyBlockChange = listeners.notify;
