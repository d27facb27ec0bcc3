import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@bufbuild/protobuf";
import { Fault } from "@plaza/kit/errors/fault";

type MessageStream = { readonly messages: AsyncIterable<Message> };

/** The streams of people outside that are open. */
export type SessionStreams = {
  /**
   * Begins a stream that lasts no longer than the session that it is of, if any: it throws INVALID_SESSION
   * once that has ended, and SERVER_CLOSING when the edge closes. `begin` is given the signal that ends the
   * call.
   */
  open<T extends MessageStream>(
    sessionId: string | undefined,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Ends them all; none begins any more. */
  close(): void;
};

/** So often it is asked whether sessions are live: whoever signs out is told nothing a second later. */
const checkIntervalMs = 700;
const maxSessionsPerCheck = 1_000;

/**
 * Keeps an eye on the streams that are open: they outlive the answer of auth with which they began, hence it
 * is asked again and again, about all sessions at once and never from memory. When auth is out of reach they
 * go on, for then nobody can sign out either.
 */
export function createSessionStreams(
  filterLiveSessions: (sessionIds: string[]) => Promise<readonly string[]>,
): SessionStreams {
  const open = new Map<string | undefined, Set<AbortController>>();
  let isLooking = false;
  let isClosing = false;

  async function look(): Promise<void> {
    for (isLooking = true; open.size > 0; ) {
      await sleep(checkIntervalMs, undefined, { ref: false });
      const sessionIds = [...open.keys()].filter((id) => id !== undefined);
      while (sessionIds.length > 0) await lookAt(sessionIds.splice(0, maxSessionsPerCheck));
    }
    isLooking = false;
  }

  async function lookAt(sessionIds: string[]): Promise<void> {
    const live = new Set(await filterLiveSessions(sessionIds).catch(() => sessionIds));
    const reason = new Fault("unauthenticated", "INVALID_SESSION", "the session has ended");
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
      const leave = () => {
        streams.delete(ending);
        if (streams.size === 0 && open.get(sessionId) === streams) open.delete(sessionId);
      };
      const leaving = (error: unknown): never => {
        leave();
        throw ending.signal.aborted ? ending.signal.reason : error;
      };
      streams.add(ending);
      signal.addEventListener("abort", leave, { once: true });
      if (!isLooking) void look();
      const both = AbortSignal.any([signal, ending.signal]);
      const stream = await begin(both).catch(leaving);
      return { ...stream, messages: observeStream(stream.messages, leaving, leave) };
    },
    close() {
      isClosing = true;
      for (const sessionId of open.keys()) end(sessionId, serverClosing());
    },
  };
}

function serverClosing(): Fault {
  return new Fault("unavailable", "SERVER_CLOSING", "come again");
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
