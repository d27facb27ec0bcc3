import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@connectrpc/connect";
import type { Cursor, EventService } from "@plaza/contract/kit/v1/events";
import type { Logger } from "@plaza/kit/log";

/** What following a service's events without a database takes. */
export type EventFollowerOptions = {
  readonly source: string;
  readonly events: Client<typeof EventService>;
  /** The full names of the events that matter. */
  readonly types: ReadonlySet<string>;
  /** Whether there is anything for which they matter now. */
  readonly isNeeded: () => boolean;
  /** One of them was announced, or may have been. */
  readonly onEvent: () => void;
  readonly log: Logger;
};

const waitMs = 20_000;
const pauseMs = 1_000;

/**
 * Follows a service's log from where it ends, until the signal aborts. It begins when that is needed, and
 * pauses when nothing was announced for a while and nobody would have minded. When it cannot be, and when it can again, that counts as an event.
 */
export async function followEvents(
  options: EventFollowerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { source, isNeeded, onEvent, log } = options;
  let after: Cursor | undefined;
  while (!signal.aborted) {
    try {
      if (after || isNeeded()) after = await step(options, after, signal);
      else await sleep(pauseMs, undefined, { signal, ref: false });
    } catch (err) {
      if (signal.aborted) return;
      log.debug({ source, err }, "cannot follow for the cache");
      after = undefined;
      onEvent();
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function step(
  { source, events, types, isNeeded, onEvent }: EventFollowerOptions,
  after: Cursor | undefined,
  signal: AbortSignal,
): Promise<Cursor | undefined> {
  const options = { signal, timeoutMs: waitMs + 10_000 };
  const asked = after ? { source, after, waitMs } : { source, fromEnd: true };
  const read = await events.readEvents(asked, options);
  const matters = read.events.some(({ payload }) =>
    types.has(payload?.typeUrl.replace(/^.*\//, "") ?? ""),
  );
  // What was announced before it began to follow is not told.
  if (matters || !after) onEvent();
  const isIdle = after !== undefined && read.events.length === 0 && !isNeeded();
  return isIdle ? undefined : read.next;
}
