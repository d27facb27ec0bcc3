import postgres from "postgres";
import { isUnavailable } from "./errors.ts";

type BatchKey = string | number | bigint;

type Batch<K, V> = Map<K, Deferred<V | undefined>[]>;

type PendingWrite<I, R> = Deferred<R> & { item: I };

type Deferred<R> = { resolve: (result: R) => void; reject: (error: unknown) => void };

/**
 * Turns a read of many keys into a read of one that many callers share: the calls of one turn of
 * the event loop become one `read`, in which each key appears once.
 *
 * - `read` answers what it finds, in any order; a key without an answer gives its callers undefined.
 * - `keyOf` must give back the very key asked for: lower-case a UUID before asking, as PostgreSQL
 *   answers it so.
 * - A call never joins a read already on its way, so it sees everything committed before it.
 * - Callers of one key share one value; they must not change it.
 * - When a read of several keys fails, its halves are read apart, and so on, so that a bad key fails
 *   alone; when the database is unavailable, every caller gets that error at once.
 *
 * At most `maxKeys` (500 unless given) go into one read; more make several.
 */
export function batchedReads<K extends BatchKey, V>(options: {
  read: (keys: K[]) => Promise<readonly V[]>;
  keyOf: (value: V) => K;
  maxKeys?: number;
}): (key: K) => Promise<V | undefined> {
  const { read, keyOf, maxKeys = 500 } = options;
  let turn: Batch<K, V> = new Map();

  const flush = (): void => {
    const asked = [...turn];
    turn = new Map();
    for (let at = 0; at < asked.length; at += maxKeys) {
      void readBatch(asked.slice(at, at + maxKeys), read, keyOf);
    }
  };

  return (key) =>
    new Promise((resolve, reject) => {
      if (turn.size === 0) setImmediate(flush);
      const callers = turn.get(key);
      if (callers) callers.push({ resolve, reject });
      else turn.set(key, [{ resolve, reject }]);
    });
}

async function readBatch<K extends BatchKey, V>(
  batch: [K, Deferred<V | undefined>[]][],
  read: (keys: K[]) => Promise<readonly V[]>,
  keyOf: (value: V) => K,
): Promise<void> {
  try {
    const values = await read(batch.map(([key]) => key));
    const byKey = new Map(values.map((value) => [keyOf(value), value]));
    for (const [key, callers] of batch) {
      for (const { resolve } of callers) resolve(byKey.get(key));
    }
  } catch (error) {
    if (batch.length > 1 && !isUnavailable(error)) {
      await Promise.all(splitInHalf(batch).map((half) => readBatch(half, read, keyOf)));
      return;
    }
    for (const { reject } of batch.flatMap(([, callers]) => callers)) reject(error);
  }
}

/**
 * Turns a write of many items into a write of one that commits together with others: the calls of
 * one turn of the event loop become one `write`. As soon as `promptItems` (16 unless given) wait,
 * they go without waiting for the end of the turn, so that the database works while the rest of the
 * turn comes in. At most `maxInFlight` writes (2 unless given) are on their way at once; calls that
 * come meanwhile wait, so batches grow with the load and cost the database little more than one
 * item would. At most `maxItems` (500 unless given) go together.
 *
 * `write` must be atomic, one statement or one transaction: it commits every item or none. It
 * answers one result for each item, in order; an Error there rejects that item's caller only.
 *
 * The promise to callers:
 * - A call that resolves is committed.
 * - An item is executed at most once. It is tried again only when PostgreSQL has answered that it
 *   refused the batch, hence nothing of it happened: the halves are then written apart, and so on,
 *   so that a bad item fails alone, with its own error.
 * - Any other failure, above all a lost connection, leaves the outcome unknown: nothing is repeated
 *   and each caller of the batch gets the error. A caller may repeat the call when its item carries
 *   an idempotency key.
 */
export function batchedWrites<I, R>(options: {
  write: (items: I[]) => Promise<readonly (R | Error)[]>;
  promptItems?: number;
  maxInFlight?: number;
  maxItems?: number;
}): (item: I) => Promise<R> {
  // 16 and 2 were best for posts from 64 connections: a quarter more than a batch for each whole turn.
  const { write, promptItems = 16, maxInFlight = 2, maxItems = 500 } = options;
  let waiting: PendingWrite<I, R>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled || waiting.length === 0 || inFlight >= maxInFlight) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (waiting.length > 0 && inFlight < maxInFlight) void flush();
    });
  };

  const flush = async (): Promise<void> => {
    const batch = waiting.slice(0, maxItems);
    waiting = waiting.slice(maxItems);
    inFlight += 1;
    schedule();
    await writeBatch(batch, write);
    inFlight -= 1;
    schedule();
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length >= promptItems && inFlight < maxInFlight) void flush();
      else schedule();
    });
}

async function writeBatch<I, R>(
  batch: PendingWrite<I, R>[],
  write: (items: I[]) => Promise<readonly (R | Error)[]>,
): Promise<void> {
  try {
    const results = await write(batch.map(({ item }) => item));
    if (results.length !== batch.length) {
      throw new Error(`A batch of ${batch.length} items gave ${results.length} results.`);
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index] as R | Error;
      if (result instanceof Error) reject(result);
      else resolve(result);
    }
  } catch (error) {
    if (batch.length > 1 && isRejectedByServer(error)) {
      for (const half of splitInHalf(batch)) await writeBatch(half, write);
      return;
    }
    for (const { reject } of batch) reject(error);
  }
}

/**
 * Only an answer of the server proves that nothing was committed. A server that is shutting down
 * may report that although the commit is done (synchronous replication), so it does not count.
 */
const isRejectedByServer = (error: unknown): boolean =>
  error instanceof postgres.PostgresError && !isUnavailable(error);

function splitInHalf<T>(items: readonly T[]): T[][] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}
