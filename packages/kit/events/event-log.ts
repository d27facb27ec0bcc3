import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { AnySchema, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type Cursor,
  CursorSchema,
  type EventService,
  type ReadEventsResponse,
  ReadEventsResponseSchema,
} from "@plaza/contract/kit/v1/events";
import type { Db, Pool } from "../db/database.ts";
import { Fault } from "../errors/fault.ts";

/**
 * Reads at most `limit` events of a window of the log: those visible in the snapshot `target` but not in the
 * snapshot `seen`, in order of sequence. No event is lost: one of a transaction that commits late is not in
 * `seen`, whatever its sequence. The events of an aggregate are in order: a change that waited for the row
 * lock of another has a higher sequence, and no snapshot contains it without the other.
 */
export async function readEvents(
  db: Db,
  after: Cursor,
  limit: number,
): Promise<ReadEventsResponse> {
  const seen = after.seen || "1:1:";
  const target = after.target || (await currentSnapshot(db));
  const rows = await db<EventRow[]>`
    select sequence, aggregate_id, type, payload, announce_time
    from event
    where transaction >= pg_snapshot_xmin(${seen}::pg_snapshot)
      and not pg_visible_in_snapshot(transaction, ${seen}::pg_snapshot)
      and pg_visible_in_snapshot(transaction, ${target}::pg_snapshot)
      and sequence > ${after.sequence}
    order by sequence
    limit ${limit}`;
  const last = rows.at(-1);
  const next =
    last && rows.length === limit
      ? { seen: after.seen, target, sequence: last.sequence }
      : { seen: target };
  return create(ReadEventsResponseSchema, {
    events: rows.map(({ sequence, aggregateId, type, payload, announceTime }) => ({
      sequence,
      aggregateId,
      payload: create(AnySchema, { typeUrl: `type.googleapis.com/${type}`, value: payload }),
      announceTime: timestampFromDate(announceTime),
    })),
    next,
  });
}

/**
 * Implements EventService over the event logs of the services that this process hosts, by service. When `closing`
 * aborts, calls that wait for events return without any, so that they hold up no shutdown.
 */
export function eventService(
  logs: ReadonlyMap<string, Pool>,
  closing: AbortSignal,
): ServiceImpl<typeof EventService> {
  return {
    async readEvents(request, context) {
      const { source, after = create(CursorSchema), limit, waitMs } = request;
      const { fromEnd, lookbackSeconds } = request;
      const log = logs.get(source) ?? throwNoSuchSource(source);
      if (fromEnd || lookbackSeconds > 0) {
        const seen = fromEnd
          ? await currentSnapshot(log)
          : await pastSnapshot(log, lookbackSeconds);
        return create(ReadEventsResponseSchema, { next: { seen } });
      }
      const deadline = performance.now() + waitMs;
      for (let from = after; ; ) {
        const response = await readEvents(log, from, limit || defaultLimit).catch(throwBadCursor);
        const remainingMs = deadline - performance.now();
        if (response.events.length > 0 || remainingMs <= 0 || closing.aborted) return response;
        // The window is read to its end; later events are in the next one.
        from = response.next ?? from;
        await sleep(Math.min(pollIntervalMs, remainingMs), undefined, { signal: context.signal });
      }
    },
  };
}

// Polls, because NOTIFY would serialize the commits of all publishers. A poll without events costs PostgreSQL
// 0.1 ms.
const pollIntervalMs = 150;
const defaultLimit = 100;

type EventRow = {
  sequence: bigint;
  aggregateId: string;
  type: string;
  payload: Uint8Array;
  announceTime: Date;
};

async function currentSnapshot(db: Db): Promise<string> {
  const [row] = await db<{ snapshot: string }[]>`select pg_current_snapshot()::text as snapshot`;
  if (!row) throw new Error("PostgreSQL returned no snapshot");
  return row.snapshot;
}

/**
 * A snapshot that contains no event published within the last so many seconds: nothing from the first
 * transaction that published one, nor from any that is still running and may publish.
 */
async function pastSnapshot(db: Db, seconds: number): Promise<string> {
  const [row] = await db<{ snapshot: string }[]>`
    select first || ':' || first || ':' as snapshot from (
      select least(min(transaction), pg_snapshot_xmin(pg_current_snapshot())) as first
      from event
      where announce_time >= clock_timestamp() - make_interval(secs => ${seconds}::float8)
    ) as listed`;
  if (!row) throw new Error("PostgreSQL returned no snapshot");
  return row.snapshot;
}

function throwNoSuchSource(source: string): never {
  throw new Fault("not_found", "NO_SUCH_SOURCE", `no such source in this process: "${source}"`);
}

// PostgreSQL validates the parts of a cursor: it rejects a malformed one with a data exception (SQLSTATE
// class 22).
function throwBadCursor(error: unknown): never {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!code.startsWith("22")) throw error;
  throw new Fault("invalid", "BAD_CURSOR", "the cursor is not one of this event log");
}
