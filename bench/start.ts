// How long Plaza takes to serve, and what it takes up at rest. The clock runs from the start of the
// process to the first 200 on /readyz.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { newDataDir, removeDataDir } from "../test/base/data-dir.ts";
import { type RunningPlaza, startPlaza } from "../test/base/running-plaza.ts";
import { median, printResult, printTable, seriesCells } from "./base/report.ts";

const { values } = parseArgs({ options: { n: { type: "string", default: "10" } } });
const startCount = Number(values.n);
const env = {
  NODE_COMPILE_CACHE: path.join(import.meta.dirname, "..", "node_modules", ".cache", "plaza"),
};

async function timeToReady(dataDir: string): Promise<{ ms: number; plaza: RunningPlaza }> {
  const startedAt = performance.now();
  const plaza = await startPlaza({ dataDir, env, args: [] });
  for (;;) {
    const { status } = await fetch(`${plaza.url}/readyz`);
    if (status === 200) return { ms: performance.now() - startedAt, plaza };
    await sleep(5);
  }
}

/** The memory of a process and its descendants in MB, what they share counted once (PSS). */
function memoryOf(root: number): { node: number; postgres: number } {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [, name = "", parent = ""] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? [];
        const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
        const kb = Number(/^Pss: +(\d+)/m.exec(rollup)?.[1] ?? 0);
        return [{ pid: Number(pid), parent: Number(parent), name, mb: kb / 1024 }];
      } catch {
        return [];
      }
    });
  const family = new Set([root]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const sum = { node: 0, postgres: 0 };
  for (const { pid, name, mb } of processes) {
    if (family.has(pid)) sum[name === "postgres" ? "postgres" : "node"] += mb;
  }
  return sum;
}

const firstStartMs: number[] = [];
for (let round = 0; round < 3; round++) {
  const dataDir = newDataDir();
  const { ms, plaza } = await timeToReady(dataDir);
  firstStartMs.push(ms);
  await plaza.stop();
  await removeDataDir(dataDir);
}

const dataDir = newDataDir();
const warmStartMs: number[] = [];
for (let round = 0; round <= startCount; round++) {
  const { ms, plaza } = await timeToReady(dataDir);
  if (round > 0) warmStartMs.push(ms);
  await plaza.stop();
}
const { plaza } = await timeToReady(dataDir);
await sleep(10_000);
const memory = memoryOf(plaza.process.pid ?? 0);
await plaza.stop();
await removeDataDir(dataDir);

printTable([
  ["what", "median", "each"],
  seriesCells({ name: "first start, empty data folder", values: firstStartMs }, "ms"),
  seriesCells({ name: "warm start", values: warmStartMs }, "ms"),
  ["memory after 10 s, Node", `${memory.node.toFixed(0)} MB`, "PSS"],
  ["memory after 10 s, PostgreSQL", `${memory.postgres.toFixed(0)} MB`, "PSS"],
]);
printResult(
  "start",
  {},
  {
    first_ms: median(firstStartMs),
    warm_ms: median(warmStartMs),
    memory_mb: memory.node + memory.postgres,
    node_mb: memory.node,
    postgres_mb: memory.postgres,
  },
);
