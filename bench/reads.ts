// `npm run bench reads`: reads of single posts by many callers at once, collected into one statement for
// each turn of the event loop, against one statement for each read. The statement is the same. This process
// has one core, PostgreSQL the other.
import { execFileSync } from "node:child_process";
import { randomUUID, randomUUIDv7 } from "node:crypto";
import { parseArgs } from "node:util";
import { batchedReads } from "@plaza/kit/db/batch";
import { connect } from "@plaza/kit/db/database";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { migrateService } from "@plaza/kit/db/migrate";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { findPosts } from "../services/posts/store.ts";
import { newDataDir, removeDataDir } from "../test/base/data-dir.ts";
import {
  median,
  printResult,
  printTable,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "7" },
    reads: { type: "string", default: "20000" },
    connections: { type: "string", default: "4" },
  },
});
const rowCount = 10_000;
const perRound = Number(options.reads);

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const dataDir = newDataDir();
const server = await startEmbeddedServer({ dataDir });
execFileSync("taskset", ["-acp", "0", String(process.pid)]);

const target = await ensureDatabase(server.connectionConfig("postgres"), "posts");
const db = connect(target, { max: Number(options.connections) });
await migrateService(db, new URL("../services/posts/migrations/", import.meta.url));
const ids = Array.from({ length: rowCount }, () => randomUUIDv7());
await db`
  insert into post (id, author_id, title, body, excerpt, create_time, update_time)
  select id, ${randomUUID()}::uuid, 'A post', repeat('Lorem ipsum dolor. ', 30), 'Lorem', now(), now()
  from unnest(${ids}::uuid[]) as id`;
await db`analyze post`;

const readBatched = batchedReads({
  read: (wanted: string[]) => findPosts(db, wanted),
  keyOf: ({ id }) => id,
});
const readOne = async (id: string) => (await findPosts(db, [id]))[0];

/** Reads a second, by so many callers who each read again as soon as they have their answer. */
async function readsPerSecond(
  read: (id: string) => Promise<unknown>,
  callers: number,
): Promise<number> {
  let left = perRound;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const id = ids[Math.floor(Math.random() * rowCount)] ?? "";
      if (!(await read(id))) throw new Error(`${id} was not found`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (perRound * 1_000) / (performance.now() - startedAt);
}

const measured = await runRounds(Number(options.n), {
  "batched, 64 callers": () => readsPerSecond(readBatched, 64),
  "one by one, 64 callers": () => readsPerSecond(readOne, 64),
  "batched, 1 caller": () => readsPerSecond(readBatched, 1),
  "one by one, 1 caller": () => readsPerSecond(readOne, 1),
});
await db.end();
await server.stop();
await removeDataDir(dataDir);

printTable([
  ["what", "median", "each round"],
  ...Object.values(measured).map((series) => seriesCells(series, "reads/s")),
]);
console.log(
  `\n${perRound} reads to a round, ${rowCount} posts, ${options.connections} connections over a Unix socket; one by one: pipelined on the same connections.\n`,
);
const rate = (name: string) => median((measured[name] as Series).values);
printResult(
  "reads",
  {
    batched_vs_single: rate("batched, 64 callers") / rate("one by one, 64 callers"),
    batched_vs_single_alone: rate("batched, 1 caller") / rate("one by one, 1 caller"),
  },
  Object.fromEntries(
    Object.keys(measured).map((name) => [name.replaceAll(/\W+/g, "_"), rate(name)]),
  ),
);
