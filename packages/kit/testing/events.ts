import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary } from "@bufbuild/protobuf";
import { CursorSchema } from "@plaza/contract/kit/v1/events";
import { type PostCreated, PostCreatedSchema } from "@plaza/contract/posts/v1/events";
import type { Db, Pool, Tx } from "../db/database.ts";
import { readEvents } from "../events/event-log.ts";
import { publish } from "../events/outbox.ts";

/** An event as a reader observed it; `revision` counts the changes of its aggregate. */
export type ObservedEvent = {
  readonly sequence: bigint;
  readonly aggregateId: string;
  readonly revision: number;
};

/** Reads the events since its last call; empty when there are none. */
export type LogReader = () => Promise<ObservedEvent[]>;

/** Result of `checkLog`: the number of published events, and how many of them were read wrongly. */
export type LogCheckResult = {
  readonly published: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
};

/** Creates the table of aggregates, whose rows writers lock. */
export async function createAggregateTable(db: Db): Promise<void> {
  await db`create table aggregate (id text primary key, n int not null)`;
}

/** Changes an aggregate and publishes an event; the revision is assigned under the row lock. */
export async function changeAggregate(tx: Tx, aggregate: string): Promise<void> {
  const [row] = await tx<{ n: number }[]>`
    insert into aggregate values (${aggregate}, 1)
    on conflict (id) do update set n = aggregate.n + 1 returning n`;
  const event = { postId: aggregate, authorId: String(row?.n) };
  await publish(tx, PostCreatedSchema, event, aggregate);
}

/** The reader that Plaza uses: windows between snapshots. */
export function snapshotReader(db: Db, limit: number): LogReader {
  let cursor = create(CursorSchema);
  return async () => {
    const { events, next } = await readEvents(db, cursor, limit);
    cursor = next ?? cursor;
    return events.map(({ sequence, payload }) => toObservedEvent(sequence, payload?.value));
  };
}

/** Seeded fault: "sequence > last" misses late commits. */
export function sequenceReader(db: Db, limit: number): LogReader {
  let last = 0n;
  return async () => {
    const rows = await db<Row[]>`
      select sequence, payload from event where sequence > ${last} order by sequence limit ${limit}`;
    last = rows.at(-1)?.sequence ?? last;
    return rows.map(({ sequence, payload }) => toObservedEvent(sequence, payload));
  };
}

/**
 * Seeded fault: transactions below the oldest running one, in order of transaction ids. No event is lost, but a
 * transaction may get its id and then wait for a row lock, so that changes are in another order than ids.
 */
export function transactionOrderReader(db: Db, limit: number): LogReader {
  let last = { transaction: "0", sequence: 0n };
  return async () => {
    const rows = await db<(Row & { transaction: string })[]>`
      select transaction::text as transaction, sequence, payload from event
      where (transaction, sequence) > (${last.transaction}::xid8, ${last.sequence})
        and transaction < pg_snapshot_xmin(pg_current_snapshot())
      order by event.transaction, sequence limit ${limit}`;
    last = rows.at(-1) ?? last;
    return rows.map(({ sequence, payload }) => toObservedEvent(sequence, payload));
  };
}

/** Compares the events that were read, and their order, with the log. */
export async function checkLog(
  db: Db,
  observed: readonly ObservedEvent[],
): Promise<LogCheckResult> {
  const log = await db<Row[]>`select sequence, payload from event`;
  const sequences = new Set(observed.map(({ sequence }) => sequence));
  const latest = new Map<string, number>();
  let reordered = 0;
  for (const { aggregateId, revision } of observed) {
    if (revision <= (latest.get(aggregateId) ?? 0)) reordered += 1;
    latest.set(aggregateId, revision);
  }
  return {
    published: log.length,
    lost: log.filter(({ sequence }) => !sequences.has(sequence)).length,
    duplicated: observed.length - sequences.size,
    reordered,
  };
}

/**
 * Reads until `isOver`, and then until the log has no more events; returns all of them. A read without events may
 * end a window that was opened long before, so it takes two.
 */
export async function readToEnd(
  reader: LogReader,
  isOver: () => boolean,
): Promise<ObservedEvent[]> {
  const all: ObservedEvent[] = [];
  for (let emptyReads = 0; ; ) {
    const wasOver = isOver();
    const events = await reader();
    all.push(...events);
    emptyReads = events.length === 0 ? emptyReads + 1 : 0;
    if (emptyReads > 1 && wasOver) return all;
    if (emptyReads > 0) await sleep(5);
  }
}

type Row = { sequence: bigint; payload: Uint8Array };

function toObservedEvent(sequence: bigint, payload: Uint8Array | undefined): ObservedEvent {
  const event: PostCreated = fromBinary(PostCreatedSchema, payload ?? new Uint8Array());
  return { sequence, aggregateId: event.postId, revision: Number(event.authorId) };
}

/** Interleaving: a transaction publishes first, and commits after another one that publishes second. */
export async function lateCommit(db: Pool, read: () => Promise<void>): Promise<void> {
  const second = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  const late = db.begin(async (tx) => {
    await changeAggregate(tx, "late");
    first.resolve();
    await second.promise;
  });
  await first.promise;
  await db.begin((tx) => changeAggregate(tx, "prompt"));
  await read();
  second.resolve();
  await late;
  await waitUntilSettled(db);
  await read();
}

/**
 * Interleaving: a transaction gets its id and then waits for a row that a younger one has changed; a third,
 * older than both, delays readers that stay below the oldest running transaction.
 */
export async function lateLock(db: Pool, read: () => Promise<void>): Promise<void> {
  const bystander = holdTransaction(db, assignTransactionId);
  await bystander.entered;
  const older = holdTransaction(db, assignTransactionId, (tx) => changeAggregate(tx, "contended"));
  await older.entered;
  const younger = holdTransaction(db, (tx) => changeAggregate(tx, "contended"));
  await younger.entered;
  older.leave();
  await sleep(20);
  younger.leave();
  await Promise.all([younger.over, older.over]);
  await read();
  bystander.leave();
  await bystander.over;
  await waitUntilSettled(db);
  await read();
}

/** Waits until no running transaction of the server, in any database, is older than the events in the log. */
async function waitUntilSettled(db: Db): Promise<void> {
  for (;;) {
    const [row] = await db<{ isSettled: boolean }[]>`
      select coalesce(max(transaction) < pg_snapshot_xmin(pg_current_snapshot()), true) as is_settled
      from event`;
    if (row?.isSettled) return;
    await sleep(5);
  }
}

async function assignTransactionId(tx: Tx): Promise<void> {
  await tx`select pg_current_xact_id()`;
}

/** A transaction that runs `enter`, waits for `leave()`, runs `exit`, and commits. */
function holdTransaction(
  db: Pool,
  enter: (tx: Tx) => Promise<void>,
  exit?: (tx: Tx) => Promise<void>,
) {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const over = db.begin(async (tx) => {
    await enter(tx);
    entered.resolve();
    await leave.promise;
    await exit?.(tx);
  });
  return { entered: entered.promise, leave: () => leave.resolve(), over };
}
