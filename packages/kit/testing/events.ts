import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary } from "@bufbuild/protobuf";
import { CursorSchema } from "@plaza/contract/kit/v1/events";
import { type PostCreated, PostCreatedSchema } from "@plaza/contract/posts/v1/events";
import type { Db, Pool, Tx } from "../db/database.ts";
import { readEvents } from "../events/event-log.ts";
import { publish } from "../events/outbox.ts";

/** An event as a reader of the log got it: the `n`-th change of its aggregate. */
export type ObservedEvent = {
  readonly sequence: bigint;
  readonly aggregateId: string;
  readonly revision: number;
};

/** Reads what is new in a log since it was last called; empty when there is nothing. */
export type LogReader = () => Promise<ObservedEvent[]>;

/** What is wrong with what a reader has read. */
export type LogCheckResult = {
  readonly published: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
};

/** Creates the table whose rows the writers contend for. */
export async function createAggregateTable(db: Db): Promise<void> {
  await db`create table aggregate (id text primary key, n int not null)`;
}

/** Changes an aggregate and announces it. Which change it is, is decided under the row's lock. */
export async function changeAggregate(tx: Tx, aggregate: string): Promise<void> {
  const [row] = await tx<{ n: number }[]>`
    insert into aggregate values (${aggregate}, 1)
    on conflict (id) do update set n = aggregate.n + 1 returning n`;
  const event = { postId: aggregate, authorId: String(row?.n) };
  await publish(tx, PostCreatedSchema, event, aggregate);
}

/** The reader that Plaza uses: windows from one snapshot to the next. */
export function snapshotReader(db: Db, limit: number): LogReader {
  let cursor = create(CursorSchema);
  return async () => {
    const { events, next } = await readEvents(db, cursor, limit);
    cursor = next ?? cursor;
    return events.map(({ sequence, payload }) => toObservedEvent(sequence, payload?.value));
  };
}

/** A planted fault: "id above my last" passes over whoever commits late. */
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
 * A planted fault: below the oldest running transaction nothing is lost, but the order of transaction
 * ids is not that of changes, for a transaction may get its id and then wait for another's lock.
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

/** Compares what was read, in its order, with what the log holds. */
export async function checkLog(db: Db, read: readonly ObservedEvent[]): Promise<LogCheckResult> {
  const log = await db<Row[]>`select sequence, payload from event`;
  const sequences = new Set(read.map(({ sequence }) => sequence));
  const latest = new Map<string, number>();
  let reordered = 0;
  for (const { aggregateId, revision } of read) {
    if (revision <= (latest.get(aggregateId) ?? 0)) reordered += 1;
    latest.set(aggregateId, revision);
  }
  return {
    published: log.length,
    lost: log.filter(({ sequence }) => !sequences.has(sequence)).length,
    duplicated: read.length - sequences.size,
    reordered,
  };
}

/** Calls a reader until `isOver`, and then until nothing comes any more. Answers all it has read. */
export async function readToEnd(
  reader: LogReader,
  isOver: () => boolean,
): Promise<ObservedEvent[]> {
  const all: ObservedEvent[] = [];
  for (;;) {
    const wasOver = isOver();
    const some = await reader();
    all.push(...some);
    if (some.length === 0 && wasOver) return all;
    if (some.length === 0) await sleep(5);
  }
}

type Row = { sequence: bigint; payload: Uint8Array };

function toObservedEvent(sequence: bigint, payload: Uint8Array | undefined): ObservedEvent {
  const event: PostCreated = fromBinary(PostCreatedSchema, payload ?? new Uint8Array());
  return { sequence, aggregateId: event.postId, revision: Number(event.authorId) };
}

/** A late commit: a transaction announces first and commits after another that announces second. */
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
 * A lock that reverses the order of ids: one transaction gets its id, then waits for the row that a
 * younger one has changed; a third, older than both, holds back whoever reads below the oldest.
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

/** Waits until no transaction of the server, not even of another database, is older than the log. */
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

/** A transaction that does one thing, waits to be let go, does another, and commits. */
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
