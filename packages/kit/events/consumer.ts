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

/** What following one source takes. */
export type ConsumerOptions = {
  readonly source: string;
  readonly eventHandlers: readonly EventHandler[];
  /** The follower's own database: its effects and its cursor change in one transaction there. */
  readonly db: Pool;
  readonly eventClient: Client<typeof EventService>;
  readonly log: Logger;
};

const longPollMs = 20_000;
// As short as people would wait for what they changed to show elsewhere, after a failure of any length.
const maxRetryDelayMs = 2_000;
const maxBatchSize = 100;

/**
 * Follows the log of one source until the signal aborts. Each event takes effect exactly once, however
 * often this process or another one that follows the same log dies. An event whose handler fails is
 * tried again, ever more slowly, and holds up those behind it: none is skipped.
 */
export async function consume(options: ConsumerOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let batch = maxBatchSize;
  while (!signal.aborted) {
    try {
      await consumeBatch(options, batch, longPollMs, signal);
      failures = 0;
      batch = Math.min(batch * 2, maxBatchSize);
    } catch (err) {
      if (signal.aborted) return;
      failures += 1;
      // One at a time, and then more and more, so that the events before a bad one get through.
      batch = 1;
      const pauseMs = Math.min(100 * 2 ** failures, maxRetryDelayMs) * (0.5 + Math.random() / 2);
      if (failures > 1) {
        options.log.warn({ source: options.source, failures, err }, "cannot follow");
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Handles what a source has announced until now. For tests and for catching up. */
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
  const read = await eventClient.readEvents({ source, after, limit, waitMs }, options);
  if (!read.next) throw new Error(`${source} answered no cursor`);
  const next = read.next;
  await db.begin(async (tx) => {
    // Another process that follows the same log may have been here first.
    if (!isSameCursor(await lockCursor(tx, source), after)) return;
    for (const event of read.events) await dispatch(tx, eventHandlers, event);
    await saveCursor(tx, source, next);
  });
  if (read.events.length > 0) log.debug({ source, events: read.events.length }, "followed");
  return read.events.length;
}

async function dispatch(
  tx: Tx,
  follows: readonly EventHandler[],
  { payload }: Event,
): Promise<void> {
  for (const follow of follows) {
    if (payload?.typeUrl !== `type.googleapis.com/${follow.event.typeName}`) continue;
    await follow.handle(tx, fromBinary(follow.event, payload.value) as never);
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
