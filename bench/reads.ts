// Reads of single posts by many concurrent callers, collected into one statement for each turn of the event
// loop, against one statement for each read. The statement is the same. This process has one core,
// PostgreSQL the other.
import { randomUUID, randomUUIDv7 } from "node:crypto";
import { batchedReads } from "@plaza/kit/db/batch";
import { connect } from "@plaza/kit/db/database";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { migrateService } from "@plaza/kit/db/migrate";
import { findPosts } from "../services/posts/store.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { parseBenchOptions } from "./base/options.ts";
import { startPostgres } from "./base/postgres.ts";
import {
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";
import { type Scope, withScope } from "./base/scope.ts";

const options = parseBenchOptions(
  { n: 7, reads: 20_000, connections: 4, rows: 10_000 },
  { n: 1, reads: 500, rows: 500 },
);
const cores = chooseCores();

await withScope(async (scope) => {
  const { db, ids } = await createPosts(scope);
  const readBatched = batchedReads({
    read: (wanted: string[]) => findPosts(db, wanted),
    keyOf: ({ id }) => id,
  });
  const readOne = async (id: string) => (await findPosts(db, [id]))[0];
  const measured = await runRounds(roundsOf(options), {
    "batched, 64 callers": () => readsPerSecond(readBatched, ids, 64),
    "one by one, 64 callers": () => readsPerSecond(readOne, ids, 64),
    "batched, 1 caller": () => readsPerSecond(readBatched, ids, 1),
    "one by one, 1 caller": () => readsPerSecond(readOne, ids, 1),
  });

  printTable([
    ["reads", "median", "each round"],
    ...Object.values(measured).map((series) => seriesCells(series, "reads/s")),
  ]);
  console.log(
    `\n${options.reads} reads to a round, ${options.rows} posts, ${options.connections} connections over a Unix socket; one by one: pipelined on the same connections.\n`,
  );
  const rate = (name: string) => medianOf(measured, name);
  printResult({
    bench: "reads",
    ratios: {
      batched_vs_single: rate("batched, 64 callers") / rate("one by one, 64 callers"),
      batched_vs_single_alone: rate("batched, 1 caller") / rate("one by one, 1 caller"),
    },
    figures: Object.fromEntries(
      Object.keys(measured).map((name) => [name.replaceAll(/\W+/g, "_"), rate(name)]),
    ),
    smoke: options.smoke,
  });
});

async function createPosts(scope: Scope) {
  pinProcess(cores.load);
  const server = await startPostgres(scope);
  pinProcess(cores.measured);
  const target = await ensureDatabase(server.connectionConfig("postgres"), "posts");
  const db = connect(target, { max: options.connections });
  scope.defer(() => db.end());
  await migrateService(db, new URL("../services/posts/migrations/", import.meta.url));
  const ids = Array.from({ length: options.rows }, () => randomUUIDv7());
  await db`
    insert into post (id, author_id, title, body, excerpt, create_time, update_time)
    select id, ${randomUUID()}::uuid, 'A post', repeat('Lorem ipsum dolor. ', 30), 'Lorem', now(), now()
    from unnest(${ids}::uuid[]) as id`;
  await db`analyze post`;
  return { db, ids };
}

/** Reads a second, by callers who each read again as soon as they have a result. */
async function readsPerSecond(
  read: (id: string) => Promise<unknown>,
  ids: readonly string[],
  callerCount: number,
): Promise<number> {
  let left = options.reads;
  const startedAt = performance.now();
  const runCaller = async (): Promise<void> => {
    while (left-- > 0) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? "";
      if (!(await read(id))) throw new Error(`${id} was not found`);
    }
  };
  await Promise.all(Array.from({ length: callerCount }, runCaller));
  return (options.reads * 1_000) / (performance.now() - startedAt);
}
