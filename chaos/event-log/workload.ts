import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "@plaza/kit/db/database";
import {
  changeAggregate,
  checkLog,
  type LogCheckResult,
  readToEnd,
  snapshotReader,
} from "@plaza/kit/testing/events";
import { createSeededRandom, type SeededRandom } from "../base/seeded-random.ts";

export type EventLogScale = {
  /** The number of events. */
  readonly n: number;
  readonly writers: number;
  /** The rows that the writers contend for. */
  readonly aggregates: number;
  /** How long a transaction stays open at most. */
  readonly maxHoldMs: number;
};

/** Result of the run. */
export type EventLogWorkloadResult = {
  readonly published: number;
  readonly rolledBack: number;
  /** One for each reader. */
  readonly results: readonly LogCheckResult[];
  readonly seconds: number;
};

/** The page sizes of the readers. */
const pageSizes = [1_000, 7, 100];

/** Publishes events in transactions that contend, commit late or roll back, while readers read; then checks. */
export async function runWorkload(
  db: Pool,
  { n, writers, aggregates, maxHoldMs }: EventLogScale,
  seed: number,
): Promise<EventLogWorkloadResult> {
  let published = 0;
  let rolledBack = 0;
  let isWriting = true;

  async function write(random: SeededRandom): Promise<void> {
    while (published < n) {
      // In the order of their names, so that writers wait for each other and never deadlock.
      const names = Array.from(
        { length: 1 + random.nextInt(5) },
        () => `a${random.nextInt(aggregates)}`,
      ).sort();
      const isKept = random.nextInt(10) > 0;
      const work = db.begin(async (tx) => {
        for (const name of names) await changeAggregate(tx, name);
        await sleep(random.nextInt(maxHoldMs));
        if (!isKept) throw new Error("rolled back on purpose");
      });
      await work.catch((error: unknown) => {
        if (isKept) throw error;
      });
      if (isKept) published += names.length;
      else rolledBack += names.length;
    }
  }

  const startedAt = performance.now();
  const writing = Promise.all(
    Array.from({ length: writers }, (_, index) => write(createSeededRandom(seed + index))),
  ).finally(() => {
    isWriting = false;
  });
  const reading = Promise.all(
    pageSizes.map((pageSize) => readToEnd(snapshotReader(db, pageSize), () => !isWriting)),
  );
  await Promise.all([writing, reading]);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const results = await Promise.all((await reading).map((events) => checkLog(db, events)));
  return { published, rolledBack, results, seconds };
}
