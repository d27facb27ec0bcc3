import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@bufbuild/protobuf";
import { Fault } from "@plaza/kit/errors/fault";

type MessageStream = { readonly messages: AsyncIterable<Message> };

/** The open streams of clients. */
export type SessionStreams = {
  /**
   * Opens a stream that ends with its session, if any: it throws INVALID_SESSION once that is revoked, and
   * SERVER_CLOSING when the gateway closes. `begin` gets the signal that ends the call.
   */
  open<T extends MessageStream>(
    sessionId: string | undefined,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Ends all streams; none can be opened from then on. */
  close(): void;
};

/** No stream outlives its session by more than a second. */
const defaultCheckIntervalMs = 700;
const maxSessionsPerCheck = 1_000;

/**
 * Ends streams whose session was revoked: they outlive the cached answer of auth with which they began, so auth
 * is asked for all their sessions together, uncached, at each interval. When auth is unreachable streams go on,
 * since then no session can be revoked either.
 */
export function createSessionStreams(
  filterLiveSessions: (sessionIds: string[]) => Promise<readonly string[]>,
  checkIntervalMs = defaultCheckIntervalMs,
): SessionStreams {
  const open = new Map<string | undefined, Set<AbortController>>();
  let isPolling = false;
  let isClosing = false;

  async function pollSessions(): Promise<void> {
    for (isPolling = true; open.size > 0; ) {
      await sleep(checkIntervalMs, undefined, { ref: false });
      const sessionIds = [...open.keys()].filter((id) => id !== undefined);
      while (sessionIds.length > 0) await checkSessions(sessionIds.splice(0, maxSessionsPerCheck));
    }
    isPolling = false;
  }

  async function checkSessions(sessionIds: string[]): Promise<void> {
    const live = new Set(await filterLiveSessions(sessionIds).catch(() => sessionIds));
    const reason = new Fault(
      "unauthenticated",
      "INVALID_SESSION",
      "the session has ended; sign in again",
    );
    for (const id of sessionIds) if (!live.has(id)) end(id, reason);
  }

  function end(sessionId: string | undefined, reason: Fault): void {
    for (const stream of open.get(sessionId) ?? []) stream.abort(reason);
  }

  return {
    async open(sessionId, signal, begin) {
      if (isClosing) throw serverClosing();
      const ending = new AbortController();
      const streams = open.getOrInsertComputed(sessionId, () => new Set());
      const remove = () => {
        streams.delete(ending);
        if (streams.size === 0 && open.get(sessionId) === streams) open.delete(sessionId);
      };
      const removeAndThrow = (error: unknown): never => {
        remove();
        throw ending.signal.aborted ? ending.signal.reason : error;
      };
      streams.add(ending);
      signal.addEventListener("abort", remove, { once: true });
      if (!isPolling) void pollSessions();
      const both = AbortSignal.any([signal, ending.signal]);
      const stream = await begin(both).catch(removeAndThrow);
      return { ...stream, messages: observeStream(stream.messages, removeAndThrow, remove) };
    },
    close() {
      isClosing = true;
      for (const sessionId of open.keys()) end(sessionId, serverClosing());
    },
  };
}

function serverClosing(): Fault {
  return new Fault("unavailable", "SERVER_CLOSING", "the server is shutting down; try again");
}

async function* observeStream(
  messages: AsyncIterable<Message>,
  onError: (error: unknown) => never,
  onEnd: () => void,
): AsyncGenerator<Message> {
  try {
    yield* messages;
  } catch (error) {
    onError(error);
  } finally {
    onEnd();
  }
}
