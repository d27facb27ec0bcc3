// Searches of posts, by words from rare to frequent, in tables from a thousand to millions of rows. Each scale
// adds rows to the same table. This process has one core, PostgreSQL the other.

import type { Pool } from "@plaza/kit/db/database";
import { Fault } from "@plaza/kit/errors/fault";
import { maxRowNumber } from "@plaza/kit/rpc/pagination";
import { boundSearch } from "@plaza/kit/text/bound-search";
import { parseSearchQuery } from "@plaza/kit/text/search-query";
import { byRelevance } from "@plaza/kit/text/search-rows";
import { searchPosts } from "../services/posts/store.ts";
import { parseBenchOptions } from "./base/options.ts";
import { processorTimeMs } from "./base/process-stats.ts";
import { percentile, printResult, printTable } from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import { addPosts, createTable } from "./search/posts-table.ts";

const options = parseBenchOptions(
  { n: 5, calls: 50, from: 1_000, to: 1_000_000 },
  { n: 1, calls: 3, to: 10_000 },
);

/**
 * Names of queries, for the table and the figures, and what is searched for, newest first; of those that are named
 * `…_ranked`, the best match first. The words are those of addPosts.
 */
const queries = {
  absent: "unheard",
  rare: "hundredthousandth",
  tenthousandth: "tenthousandth",
  thousandth: "thousandth",
  hundredth: "hundredth",
  twentieth: "twentieth",
  half: "half",
  half_and_rare: "half hundredthousandth",
  half_and_twentieth: "half twentieth",
  hundredth_and_thousandth: "hundredth thousandth",
  twentieth_and_twentieth: "twentieth score",
  never_together: "even odd",
  rare_prefix: "hundredthous",
  frequent_prefix: "f1",
  frequent_prefix_and_rare: "f1 hundredthousandth",
  phrase: '"half thousandth"',
  cjk: "上海",
  only_in_old_posts: "antique",
  half_ranked: "half",
  hundredth_ranked: "hundredth",
  hundredth_and_thousandth_ranked: "hundredth thousandth",
};

await withScope(async (scope) => {
  const db = await createTable(scope);
  const rows: string[][] = [["posts", "words", "results", "p50", "p99", "slowest", "CPU"]];
  const figures: Record<string, number> = {};
  const slowest: Record<string, number[]> = {};
  for (let count = options.from, before = 0; count <= options.to; before = count, count *= 10) {
    await addPosts(db, before, count);
    const times = await measure(db);
    for (const [name, { results, ms, cpuMs }] of times) {
      const [p50, p99, worst] = [percentile(ms, 0.5), percentile(ms, 0.99), Math.max(...ms)];
      const cells = [p50, p99, worst].map((value) => `${value.toFixed(1)} ms`);
      rows.push([
        count.toLocaleString("en"),
        name,
        String(results),
        ...cells,
        `${(cpuMs / ms.length).toFixed(1)} ms`,
      ]);
      figures[`p99_ms_${name}_${count}`] = p99;
      figures[`cpu_ms_${name}_${count}`] = cpuMs / ms.length;
      slowest[name] = [...(slowest[name] ?? []), p50];
    }
  }
  printTable(rows);
  console.log(
    `\n${options.n} rounds of ${options.calls} searches for 20 results; figures are of ${options.n * options.calls}. Ratios: the median at ${options.to} rows to that at ${options.from}.\n`,
  );
  const growth = Object.entries(slowest).map(([name, all]) => [
    `growth_${name}`,
    (all.at(-1) ?? Number.NaN) / (all[0] ?? Number.NaN),
  ]);
  printResult({
    bench: "search",
    ratios: Object.fromEntries(growth),
    figures,
    smoke: options.smoke,
  });
});

type Times = { results: number; readonly ms: number[]; cpuMs: number };

/**
 * The durations of all searches of each query, and the processor time of PostgreSQL, which a busy neighbour does not
 * lengthen. In turn, so that noise hits all alike.
 */
async function measure(db: Pool): Promise<Map<string, Times>> {
  const [{ pid = 0 } = {}] = await db<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const times = new Map<string, Times>();
  for (let round = 0; round <= options.n; round += 1) {
    for (const [name, words] of Object.entries(queries)) {
      const measured = times.getOrInsertComputed(name, () => ({ results: 0, ms: [], cpuMs: 0 }));
      const cpuBefore = processorTimeMs(pid);
      for (let call = 0; call < options.calls; call += 1) {
        const startedAt = performance.now();
        measured.results = await countResults(db, words, name.endsWith("_ranked"));
        // The first round warms up.
        if (round > 0) measured.ms.push(performance.now() - startedAt);
      }
      if (round > 0) measured.cpuMs += processorTimeMs(pid) - cpuBefore;
    }
  }
  return times;
}

/** The number of results on the first page; 0 when the search is refused. */
async function countResults(db: Pool, words: string, isRanked: boolean): Promise<number> {
  const query = parseSearchQuery(words);
  if (!query) throw new Error(`${words} has no words`);
  const sorting = isRanked ? { order: byRelevance, offset: 0 } : undefined;
  const window = { query, before: maxRowNumber, limit: 21, sorting };
  try {
    return (await boundSearch(db, (tx) => searchPosts(tx, window))).rows.length;
  } catch (error) {
    if (error instanceof Fault) return 0;
    throw error;
  }
}
