// `npm run chaos event-log -- --n 20000 --seed 1`: many writers change contended rows, commit late or
// roll back, while readers of several page sizes follow the log. The last line is the verdict.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect, type Pool } from "@plaza/kit/db/database";
import { kitMigrations, migrate } from "@plaza/kit/db/migrate";
import { TestDatabases } from "@plaza/kit/testing/databases";
import {
  changeAggregate,
  checkLog,
  createAggregateTable,
  type LogReader,
  lateCommit,
  lateLock,
  type ObservedEvent,
  readToEnd,
  sequenceReader,
  snapshotReader,
  transactionOrderReader,
} from "@plaza/kit/testing/events";

const { values } = parseArgs({
  options: { n: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } },
});
const eventCount = Number(values.n);
const seed = Number(values.seed);
const writerCount = 16;
const aggregateCount = 40;
const maxHoldMs = 50;
console.log(
  `event-log: --n ${eventCount} --seed ${seed}, ${writerCount} writers, ${aggregateCount} aggregates`,
);

const databases = new TestDatabases();
const pool = connect(await databases.createEmpty(), { name: "plaza-chaos", max: writerCount + 8 });
try {
  await migrate(pool, kitMigrations, "kit_migration");
  await createAggregateTable(pool);
  const figures = await runWorkload(pool);
  await pool`truncate event, aggregate`;
  const caught =
    (await countDetected(pool, lateCommit, sequenceReader(pool, 10))) +
    (await countDetected(pool, lateLock, transactionOrderReader(pool, 10)));
  const pass = figures.lost + figures.duplicated + figures.reordered === 0 && caught === 2;
  console.log(JSON.stringify({ chaos: "event-log", pass, figures, planted: { caught, of: 2 } }));
  process.exitCode = pass ? 0 : 1;
} finally {
  await pool.end();
  await databases.close();
}

async function runWorkload(db: Pool) {
  let published = 0;
  let rolledBack = 0;
  let isWriting = true;

  async function write(random: (below: number) => number): Promise<void> {
    while (published < eventCount) {
      // In the order of their names, so that writers wait for each other and never deadlock.
      const names = Array.from(
        { length: 1 + random(5) },
        () => `a${random(aggregateCount)}`,
      ).sort();
      const isKept = random(10) > 0;
      const work = db.begin(async (tx) => {
        for (const name of names) await changeAggregate(tx, name);
        await sleep(random(maxHoldMs));
        if (!isKept) throw new Error("rolled back on purpose");
      });
      await work.catch((error: unknown) => {
        if (isKept) throw error;
      });
      if (isKept) published += names.length;
      else rolledBack += names.length;
    }
  }

  const readers = [1_000, 7, 100].map((limit) =>
    readToEnd(snapshotReader(db, limit), () => !isWriting),
  );
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: writerCount }, (_, n) => write(lehmerRandom(seed + n))));
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  isWriting = false;
  const verdicts = await Promise.all(readers.map(async (read) => checkLog(db, await read)));
  const sum = (of: "lost" | "duplicated" | "reordered") =>
    verdicts.reduce((total, verdict) => total + verdict[of], 0);
  return {
    published,
    inLog: verdicts[0]?.published,
    rolledBack,
    readers: readers.length,
    lost: sum("lost"),
    duplicated: sum("duplicated"),
    reordered: sum("reordered"),
    seconds,
  };
}

/** 1 when the checker finds the planted reader at fault. */
async function countDetected(
  db: Pool,
  play: typeof lateCommit,
  reader: LogReader,
): Promise<number> {
  const read: ObservedEvent[] = [];
  await play(db, async () => {
    read.push(...(await readToEnd(reader, () => true)));
  });
  const { lost, reordered } = await checkLog(db, read);
  return lost + reordered > 0 ? 1 : 0;
}

/** Numbers by Lehmer's generator (Park and Miller, 1988). */
function lehmerRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
