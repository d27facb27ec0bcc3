import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import type { QueryClient } from "@tanstack/react-query";
import { cacheUserBlock, invalidateChats } from "../chat/chat-cache.ts";
import { chatsQuery } from "../chat/chat-queries.ts";
import { clearStreamPositions } from "../chat/stream-positions.ts";
import { isStreamConnected, setStreamConnected } from "../chat/stream-status.ts";
import { accountHeaders } from "../lib/account-guard.ts";
import { createBackoff } from "../lib/backoff.ts";
import { reasonOf } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { liveQueryKey } from "../lib/query-keys.ts";
import { waitBeforeRetry } from "../lib/reachability.ts";
import { onBlockChange } from "../people/block-listeners.ts";
import { invalidateRelations } from "../people/relation-queries.ts";
import { applyStreamEvent, prepareStreamPositions } from "./stream-events.ts";

/** The server sends a heartbeat every 15 s; after 40 s without an event the connection is dead. */
const heartbeatTimeoutMs = 40_000;
/** Over HTTP/1.1 a browser opens at most six connections to a site, hence a hidden window closes its stream. */
const hiddenGraceMs = 20_000;
const firstRetryDelayMs = 500;

/**
 * Subscribes to the member's chats and applies the events to the query cache. When the stream ends, it reconnects
 * with exponential backoff from the last positions. The returned function stops it and resets every query below
 * `liveQueryKey`.
 */
export function startChatStream(client: QueryClient, userId: string): () => void {
  const stopping = new AbortController();
  const stopListening = onBlockChange(cacheUserBlock);
  void runChatStream(client, userId, stopping.signal);
  return () => {
    stopping.abort();
    stopListening();
    clearStreamPositions();
    void client.resetQueries({ queryKey: liveQueryKey });
  };
}

async function runChatStream(
  client: QueryClient,
  userId: string,
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff(firstRetryDelayMs);
  while (!signal.aborted) {
    await untilVisible(signal);
    try {
      for await (const event of openStream(client, userId, signal)) {
        if (signal.aborted) return;
        applyStreamEvent(client, userId, event);
        // The first heartbeat follows the entries that were missed; changes of relations are not delivered later.
        if (event.event.case === "heartbeat" && !isStreamConnected()) {
          setStreamConnected(true);
          invalidateRelations(client);
          invalidateChats(client);
        }
        backoff.reset();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (invalidPositionReasons.has(reasonOf(error) ?? "")) await resetPositions(client);
    } finally {
      setStreamConnected(false);
    }
    await waitBeforeRetry(backoff, signal);
  }
}

/** Reasons why the server does not accept our positions, for example after it was restored from a backup. */
const invalidPositionReasons = new Set(["BAD_POSITION", "NO_SUCH_CHAT"]);

async function resetPositions(client: QueryClient): Promise<void> {
  clearStreamPositions();
  await client.invalidateQueries({ queryKey: liveQueryKey });
}

/**
 * The events of one stream, which ends when heartbeats fail, the browser goes offline, or the window stays hidden.
 */
async function* openStream(
  client: QueryClient,
  userId: string,
  signal: AbortSignal,
): AsyncGenerator<SubscribeResponse> {
  const since = prepareStreamPositions(client, await client.ensureQueryData(chatsQuery));
  const streamAbort = new AbortController();
  const closeStream = () => streamAbort.abort();
  const closeIfHidden = () => {
    clearTimeout(hiddenTimer);
    if (document.visibilityState === "hidden") {
      hiddenTimer = setTimeout(closeStream, hiddenGraceMs);
    }
  };
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let heartbeatTimer = setTimeout(closeStream, heartbeatTimeoutMs);
  document.addEventListener("visibilitychange", closeIfHidden);
  window.addEventListener("offline", closeStream);
  try {
    const request = { since, fromBeginning: true, signals: true };
    const streamSignal = AbortSignal.any([signal, streamAbort.signal]);
    // Unlike other calls, a stream has no deadline.
    const options = { signal: streamSignal, timeoutMs: 0, headers: accountHeaders(userId) };
    for await (const event of chats.subscribe(request, options)) {
      clearTimeout(heartbeatTimer);
      heartbeatTimer = setTimeout(closeStream, heartbeatTimeoutMs);
      yield event;
    }
  } finally {
    streamAbort.abort();
    clearTimeout(heartbeatTimer);
    clearTimeout(hiddenTimer);
    document.removeEventListener("visibilitychange", closeIfHidden);
    window.removeEventListener("offline", closeStream);
  }
}

/** Resolves when the window is visible, or on abort. */
async function untilVisible(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden" && !signal.aborted) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true, signal });
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}
