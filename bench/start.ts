// How long Plaza takes to serve, and its memory at rest. The clock runs from the start of the process to
// the first 200 on /readyz.
import { setTimeout as sleep } from "node:timers/promises";
import { parseBenchOptions } from "./base/options.ts";
import { startPlazaProcess } from "./base/plaza-process.ts";
import { treeMemoryMb } from "./base/process-stats.ts";
import { median, printResult, printTable, roundsOf, seriesCells } from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import type { ServerProcess } from "./base/server-process.ts";

const options = parseBenchOptions(
  { n: 10, first: 3, idleSeconds: 10 },
  { n: 1, first: 1, idleSeconds: 0.2 },
);

await withScope(async (scope) => {
  async function timeToReady(dataDir: string): Promise<{ ms: number; plaza: ServerProcess }> {
    const startedAt = performance.now();
    const plaza = await startPlazaProcess(scope, { dataDir });
    while ((await fetch(`${plaza.url}/readyz`)).status !== 200) await sleep(5);
    return { ms: performance.now() - startedAt, plaza };
  }

  let dataDir = "";
  const firstStartMs: number[] = [];
  for (let round = 0; round < options.first; round += 1) {
    dataDir = scope.makeFolder();
    const { ms, plaza } = await timeToReady(dataDir);
    firstStartMs.push(ms);
    await plaza.stop();
  }
  const { warmUp, counted } = roundsOf(options);
  const warmStartMs: number[] = [];
  for (let round = 0; round < warmUp + counted; round += 1) {
    const { ms, plaza } = await timeToReady(dataDir);
    if (round >= warmUp) warmStartMs.push(ms);
    await plaza.stop();
  }
  const { plaza } = await timeToReady(dataDir);
  await sleep(options.idleSeconds * 1_000);
  const memory = treeMemoryMb(plaza.pid);

  const idle = `after ${options.idleSeconds} s`;
  printTable([
    ["measured", "median", "each"],
    seriesCells({ name: "first start, empty data folder", values: firstStartMs }, "ms"),
    seriesCells({ name: "warm start", values: warmStartMs }, "ms"),
    [`memory ${idle}, Node`, `${memory.node.toFixed(0)} MB`, "PSS"],
    [`memory ${idle}, PostgreSQL`, `${memory.postgres.toFixed(0)} MB`, "PSS"],
  ]);
  printResult({
    bench: "start",
    ratios: {},
    figures: {
      first_ms: median(firstStartMs),
      warm_ms: median(warmStartMs),
      memory_mb: memory.node + memory.postgres,
      node_mb: memory.node,
      postgres_mb: memory.postgres,
    },
    smoke: options.smoke,
  });
});
process.exit();
