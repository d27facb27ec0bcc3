import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import type { QueryClient } from "@tanstack/react-query";
import { cacheBlock, invalidateChats } from "../chat/chat-cache.ts";
import { chatsQuery } from "../chat/chat-queries.ts";
import { clearStreamPositions } from "../chat/stream-positions.ts";
import { isStreamConnected, setStreamConnected } from "../chat/stream-status.ts";
import { accountHeaders } from "../lib/account-guard.ts";
import { reasonOf } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { liveQueryKey } from "../lib/query-keys.ts";
import { onBlockChange } from "../people/block-listeners.ts";
import { invalidateRelations } from "../people/relation-queries.ts";
import { applyStreamEvent, prepareStreamPositions } from "./stream-events.ts";

/** Heartbeats come every 15 s; without one for so long the connection is dead. */
const heartbeatTimeoutMs = 40_000;
/** A browser has six connections to a server without TLS. A window that nobody sees gives its own up. */
const hiddenGraceMs = 20_000;
const minRetryDelayMs = 500;
const maxRetryDelayMs = 30_000;

/**
 * Follows the member's chats from now on, by one stream, and keeps what is shown of them as they are. When the
 * stream ends it goes on from where it was. Stopping forgets all that was read of them.
 */
export function startChatStream(client: QueryClient, userId: string): () => void {
  const stopping = new AbortController();
  const stopListening = onBlockChange(cacheBlock);
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
  let pauseMs = minRetryDelayMs;
  while (!signal.aborted) {
    await untilVisible(signal);
    try {
      for await (const event of openStream(client, userId, signal)) {
        if (signal.aborted) return;
        applyStreamEvent(client, userId, event);
        // The first comes when all that was missed has been told, but for relations.
        if (event.event.case === "heartbeat" && !isStreamConnected()) {
          setStreamConnected(true);
          invalidateRelations(client);
          invalidateChats(client);
        }
        pauseMs = minRetryDelayMs;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (invalidPositionReasons.has(reasonOf(error) ?? "")) await resetPositions(client);
    } finally {
      setStreamConnected(false);
    }
    await waitBeforeRetry(pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, maxRetryDelayMs);
  }
}

/** What the server says of positions that are not its own: it was set back to a backup, for example. */
const invalidPositionReasons = new Set(["BAD_POSITION", "NO_SUCH_CHAT"]);

async function resetPositions(client: QueryClient): Promise<void> {
  clearStreamPositions();
  await client.invalidateQueries({ queryKey: liveQueryKey });
}

/** What one stream tells, for as long as it lives and somebody can see it. */
async function* openStream(
  client: QueryClient,
  userId: string,
  signal: AbortSignal,
): AsyncGenerator<SubscribeResponse> {
  const since = prepareStreamPositions(client, await client.ensureQueryData(chatsQuery));
  const cut = new AbortController();
  const cutNow = () => cut.abort();
  const cutSoon = () => {
    clearTimeout(hidden);
    if (document.visibilityState === "hidden") hidden = setTimeout(cutNow, hiddenGraceMs);
  };
  let hidden: ReturnType<typeof setTimeout> | undefined;
  let silence = setTimeout(cutNow, heartbeatTimeoutMs);
  document.addEventListener("visibilitychange", cutSoon);
  window.addEventListener("offline", cutNow);
  try {
    const request = { since, fromBeginning: true, signals: true };
    const until = AbortSignal.any([signal, cut.signal]);
    // It has no end of its own, unlike other calls.
    const options = { signal: until, timeoutMs: 0, headers: accountHeaders(userId) };
    for await (const event of chats.subscribe(request, options)) {
      clearTimeout(silence);
      silence = setTimeout(cutNow, heartbeatTimeoutMs);
      yield event;
    }
  } finally {
    cut.abort();
    clearTimeout(silence);
    clearTimeout(hidden);
    document.removeEventListener("visibilitychange", cutSoon);
    window.removeEventListener("offline", cutNow);
  }
}

/** Resolves at once, or when the window is seen again. */
async function untilVisible(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden" && !signal.aborted) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true, signal });
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}

/** Waits about so long, or until there is hope. */
async function waitBeforeRetry(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      over.abort();
      resolve(undefined);
    };
    const timer = setTimeout(done, ms * (0.75 + Math.random() / 2));
    over.signal.addEventListener("abort", () => clearTimeout(timer));
    window.addEventListener("online", done, { signal: over.signal });
    signal.addEventListener("abort", done, { signal: over.signal });
  });
}
