import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  type Cursor,
  CursorSchema,
  type Event,
  type EventService,
} from "@plaza/contract/kit/v1/events";
import type { Pool, Tx } from "../db/database.ts";
import type { Logger } from "../telemetry/log.ts";
import type { EventHandler } from "./event-handler.ts";

/** Options of a consumer of one source's event log. */
export type ConsumerOptions = {
  readonly source: string;
  readonly eventHandlers: readonly EventHandler[];
  /** The database of the consuming service: effects of handlers and the cursor commit in one transaction. */
  readonly db: Pool;
  readonly eventClient: Client<typeof EventService>;
  readonly log: Logger;
};

const longPollMs = 20_000;
// Bounds how stale other services may be after an outage.
const maxRetryDelayMs = 2_000;
const maxBatchSize = 100;

/**
 * Consumes the event log of one source until the signal aborts. Each event takes effect exactly once, because
 * handlers run in the transaction that advances the cursor. A failing event is retried with backoff and blocks
 * those behind it; none is skipped.
 */
export async function consume(options: ConsumerOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let batchSize = maxBatchSize;
  while (!signal.aborted) {
    try {
      await consumeBatch(options, batchSize, longPollMs, signal);
      failures = 0;
      batchSize = Math.min(batchSize * 2, maxBatchSize);
    } catch (err) {
      if (signal.aborted) return;
      failures += 1;
      // One event, then twice as many each time, so that the events before a failing one commit.
      batchSize = 1;
      const delayMs = Math.min(100 * 2 ** failures, maxRetryDelayMs) * (0.5 + Math.random() / 2);
      if (failures > 1) {
        options.log.warn({ source: options.source, failures, err }, "event consumer failed");
      }
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Consumes until the log has no more events; returns their number. */
export async function drain(options: ConsumerOptions): Promise<number> {
  for (let handled = 0; ; ) {
    const events = await consumeBatch(options, maxBatchSize, 0);
    if (events === 0) return handled;
    handled += events;
  }
}

async function consumeBatch(
  { source, eventHandlers, db, eventClient, log }: ConsumerOptions,
  limit: number,
  waitMs: number,
  signal?: AbortSignal,
): Promise<number> {
  const after = await findCursor(db, source);
  const timeoutMs = waitMs + 10_000;
  const options = signal ? { signal, timeoutMs } : { timeoutMs };
  const response = await eventClient.readEvents({ source, after, limit, waitMs }, options);
  if (!response.next) throw new Error(`${source} returned no cursor`);
  const next = response.next;
  await db.begin(async (tx) => {
    // Another consumer of this log may have advanced the cursor.
    if (!isSameCursor(await lockCursor(tx, source), after)) return;
    for (const event of response.events) await dispatch(tx, eventHandlers, event);
    await saveCursor(tx, source, next);
  });
  const count = response.events.length;
  if (count > 0) log.debug({ source, events: count }, "events consumed");
  return count;
}

async function dispatch(
  tx: Tx,
  handlers: readonly EventHandler[],
  { payload }: Event,
): Promise<void> {
  for (const handler of handlers) {
    if (payload?.typeUrl !== `type.googleapis.com/${handler.event.typeName}`) continue;
    await handler.handle(tx, fromBinary(handler.event, payload.value) as never);
  }
}

type CursorRow = { seen: string; target: string; sequence: bigint };

async function findCursor(db: Pool, source: string): Promise<Cursor> {
  const [row] = await db<CursorRow[]>`
    select seen, target, sequence from event_cursor where source = ${source}`;
  return create(CursorSchema, row ?? {});
}

async function lockCursor(tx: Tx, source: string): Promise<Cursor> {
  await tx`insert into event_cursor (source) values (${source}) on conflict do nothing`;
  const [row] = await tx<CursorRow[]>`
    select seen, target, sequence from event_cursor where source = ${source} for update`;
  return create(CursorSchema, row ?? {});
}

async function saveCursor(
  tx: Tx,
  source: string,
  { seen, target, sequence }: Cursor,
): Promise<void> {
  await tx`
    update event_cursor set seen = ${seen}, target = ${target}, sequence = ${sequence}
    where source = ${source}`;
}

function isSameCursor(a: Cursor, b: Cursor): boolean {
  return a.seen === b.seen && a.target === b.target && a.sequence === b.sequence;
}
