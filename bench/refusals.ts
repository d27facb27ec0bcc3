// Whether Plaza refuses what it could serve: closed loops of clients that each wait for their response before they
// send again, and an open load below its capacity with bursts. On one core and on two, alone and beside a process
// that computes all the time. PostgreSQL and the clients share the cores that are left, or both.

import { runClosedLoop, type TimedLoopResult } from "./base/closed-loop.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { httpRequest, randomGet } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { newPostJson, type PostsPlaza, startPostsPlaza } from "./base/posts-plaza.ts";
import { median, percentile, printResult, printTable } from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import { generateLoad } from "./overload/load-generator.ts";
import { startNeighbour } from "./refusals/neighbour.ts";

const options = parseBenchOptions(
  {
    n: 5,
    seconds: 2,
    clients: "8,16,32,64,128,256,512",
    open: 300,
    posts: 10_000,
    cores: "one,two",
    neighbour: "no,yes",
  },
  { n: 1, seconds: 0.1, clients: "8,64", open: 1, posts: 200, cores: "one", neighbour: "yes" },
);
const { n, seconds, smoke } = options;
const clientCounts = options.clients.split(",").map(Number);
/** The mean rate of the open load, bursts included, of the capacity. */
const loadFactor = 0.9;
const burst = { factor: 3, durationMs: 200, everyMs: 5_000 };
/** Clients of the open load: as many requests may wait at once. */
const openClients = 1_500;
const cores = chooseCores();
const settings = options.cores.split(",").flatMap((count) =>
  options.neighbour.split(",").map((neighbour) => ({
    name: `${count} core${count === "one" ? "" : "s"}${neighbour === "yes" ? ", neighbour" : ""}`,
    cores: count === "one" ? cores.measured : cores.both,
    hasNeighbour: neighbour === "yes",
  })),
);

const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
for (const setting of settings) {
  await withScope(async (scope) => {
    pinProcess(cores.load);
    const plaza = await startPostsPlaza(scope, {
      cores: setting.cores,
      postCount: options.posts,
    });
    if (setting.hasNeighbour) await startNeighbour(scope, setting.cores);
    const key = setting.name.replaceAll(/\W+/g, "_");
    const rows: string[][] = [];
    for (const load of ["read", "list", "write"] as const) {
      const requests = await requestsOf(plaza, load);
      for (const clients of clientCounts)
        rows.push(await measureLoop(plaza, requests, load, clients, key));
    }
    printTable([[setting.name, "clients", "served", "p50", "p99", "refused"], ...rows]);
    await measureOpenLoad(plaza, key);
  });
}
printResult({ bench: "refusals", ratios, figures, smoke });

async function measureLoop(
  plaza: PostsPlaza,
  nextRequest: () => Buffer,
  load: string,
  clients: number,
  key: string,
): Promise<string[]> {
  const rounds: TimedLoopResult[] = [];
  for (let round = 0; round < n; round += 1) {
    await plaza.fill();
    rounds.push(await runClosedLoop(plaza.url, nextRequest, { connections: clients, seconds }));
  }
  const of = (value: (round: TimedLoopResult) => number) => median(rounds.map(value));
  const served = rounds.reduce((sum, round) => sum + round.served, 0);
  const refused = rounds.reduce((sum, round) => sum + round.refused, 0);
  ratios[`${key}_${load}_${clients}_refused`] = refused / (served + refused);
  figures[`${key}_${load}_${clients}_p99_ms`] = of(({ p99Ms }) => p99Ms);
  return [
    load,
    `${clients}`,
    `${of(({ servedPerSecond }) => servedPerSecond).toFixed(0)}/s`,
    `${of(({ p50Ms }) => p50Ms).toFixed(0)} ms`,
    `${of(({ p99Ms }) => p99Ms).toFixed(0)} ms`,
    `${refused} of ${served + refused}`,
  ];
}

async function measureOpenLoad(plaza: PostsPlaza, key: string): Promise<void> {
  await plaza.fill();
  const list = httpRequest(plaza.url, "GET", "/v1/posts");
  // The least of some rounds: what a shared machine gives differs from second to second.
  let capacity = Number.POSITIVE_INFINITY;
  for (let round = 0; round < n; round += 1) {
    const loop = { connections: 32, seconds: 2 * seconds };
    const { servedPerSecond } = await runClosedLoop(plaza.url, () => list, loop);
    capacity = Math.min(capacity, servedPerSecond);
  }
  const burstShare = burst.durationMs / burst.everyMs;
  const meanFactor = 1 + (burst.factor - 1) * burstShare;
  const rate = (loadFactor * capacity) / meanFactor;
  const load = { rate, clients: openClients, seconds: options.open, minServed: 1, burst };
  const samples = await generateLoad(plaza.url, [list], load);
  const refused = samples.filter(({ status }) => status !== 200).length;
  const p99 = percentile(
    samples.map(({ ms }) => ms),
    0.99,
  );
  console.log(
    `\nlist at ${loadFactor} of ${capacity.toFixed(0)}/s for ${options.open} s, every ${burst.everyMs / 1_000} s ${burst.factor} times as much for ${burst.durationMs} ms: ${refused} of ${samples.length} refused, p99 ${p99.toFixed(0)} ms\n`,
  );
  ratios[`${key}_open_refused`] = refused / samples.length;
  figures[`${key}_open_p99_ms`] = p99;
}

async function requestsOf(
  { url, ids, newAccessToken }: PostsPlaza,
  load: "read" | "list" | "write",
): Promise<() => Buffer> {
  if (load === "read") return randomGet(url, "/v1/posts/", ids);
  const request =
    load === "list"
      ? httpRequest(url, "GET", "/v1/posts")
      : httpRequest(url, "POST", "/v1/posts", {
          body: newPostJson,
          accessToken: await newAccessToken(),
        });
  return () => request;
}
