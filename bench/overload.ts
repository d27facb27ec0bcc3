// Goodput of Plaza under several times the load that it can serve. Plaza has one core, PostgreSQL and the
// clients the other, PostgreSQL with priority. Plaza's share of its core stands beside its goodput: where
// others use the machine too, the two have to be read together.
import os from "node:os";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { httpRequest } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { newPostJson, type PostsPlaza, startPostsPlaza } from "./base/posts-plaza.ts";
import { median, printResult, printTable, roundsOf } from "./base/report.ts";
import { exitWithMessage } from "./base/required-programs.ts";
import { withScope } from "./base/scope.ts";
import { generateLoad } from "./overload/load-generator.ts";
import { recoveryTimeMs, summarize } from "./overload/summary.ts";

const options = parseBenchOptions(
  { mix: "list,write", seconds: 10, clients: 4_000, deadline: 1_500, posts: 10_000 },
  { mix: "read", seconds: 0.5, clients: 40, deadline: 10_000, posts: 200 },
);
const { seconds, clients, deadline: deadlineMs, smoke } = options;
const loadFactors = smoke ? [1, 5] : [0.8, 1, 2, 5, 10];
const warmUpMs = smoke ? 0 : 1_000;
/** Where a busy machine serves nothing for as long as a smoke run lasts, its figures would not be numbers. */
const minServed = smoke ? 5 : 0;
const capacityRounds = roundsOf({ n: smoke ? 1 : 3, smoke });
const capacitySeconds = smoke ? 0.2 : 4;
const overloadSeconds = smoke ? 0.2 : 5;
const mixNames = ["list", "read", "write"] as const;
const chosenMixes = options.mix.split(",").map((name) => {
  const mix = mixNames.find((one) => one === name);
  return mix ?? exitWithMessage(`no mix ${name}: one of ${mixNames.join(", ")}`);
});
const cores = chooseCores();
pinProcess(cores.load);

const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
await withScope(async (scope) => {
  const plaza = await startPostsPlaza(scope, { cores: cores.measured, postCount: options.posts });
  // Gives PostgreSQL, which shares the core, priority over this process.
  os.setPriority(19);
  for (const name of chosenMixes) await measureMix(plaza, name);
  printResult({ bench: "overload", ratios, figures, smoke });
});

async function measureMix(plaza: PostsPlaza, name: (typeof mixNames)[number]): Promise<void> {
  const requests = requestsOf(plaza, name);
  const capacity = await measureCapacity(plaza, requests);
  const measureAt = async (factor: number) => {
    await plaza.fill();
    const before = { cpuMs: plaza.processorTimeMs(), at: performance.now() };
    const rate = factor * capacity;
    const samples = await generateLoad(plaza.url, requests, { rate, clients, seconds, minServed });
    const busy = (plaza.processorTimeMs() - before.cpuMs) / (performance.now() - before.at);
    return { factor, busy, ...summarize(samples, { seconds, deadlineMs, warmUpMs }) };
  };
  const unloaded = await measureAt(smoke ? 0.5 : 0.1);
  const loaded = [];
  for (const factor of loadFactors) loaded.push(await measureAt(factor));
  const recoveryMs = await measureRecovery(plaza, requests, capacity);

  const best = Math.max(...loaded.map(({ good }) => good));
  const rows = [unloaded, ...loaded].map(({ factor, busy, sent, good, p50, p99, refusedP99 }) => [
    `${factor} ×`,
    `${(factor * capacity).toFixed(0)}/s`,
    `${sent.toFixed(0)}/s`,
    `${good.toFixed(0)}/s`,
    `${((100 * good) / best).toFixed(0)} %`,
    `${p50.toFixed(1)} ms`,
    `${p99.toFixed(1)} ms`,
    `${refusedP99.toFixed(1)} ms`,
    `${(100 * busy).toFixed(0)} %`,
    `${(good / busy).toFixed(0)}/s`,
  ]);
  const head = [
    "due",
    "sent",
    "goodput",
    "of the best",
    "p50",
    "p99",
    "p99 of refusals",
    "of a core",
    "goodput per CPU s",
  ];
  printTable([[name, ...head], ...rows]);
  console.log(
    `\n${name}: capacity ${capacity.toFixed(0)}/s; recovered ${recoveryMs.toFixed(0)} ms after the load. ${clients} clients for ${seconds} s; goodput: served within ${deadlineMs} ms.\n`,
  );
  const bestOfCore = Math.max(...loaded.map(({ good, busy }) => good / busy));
  for (const { factor, good, busy, p99 } of loaded) {
    ratios[`${name}_goodput_${factor}x`] = good / best;
    ratios[`${name}_goodput_of_core_${factor}x`] = good / busy / bestOfCore;
    ratios[`${name}_p99_${factor}x`] = p99 / unloaded.p99;
  }
  figures[`${name}_capacity`] = capacity;
  figures[`${name}_unloaded_p99_ms`] = unloaded.p99;
  figures[`${name}_recovery_ms`] = recoveryMs;
}

/** Requests a second that are served to a few clients which each send again as soon as they can. */
async function measureCapacity(plaza: PostsPlaza, requests: readonly Buffer[]): Promise<number> {
  const rates: number[] = [];
  const { warmUp, counted } = capacityRounds;
  for (let round = 0; round < warmUp + counted; round += 1) {
    await plaza.fill();
    const shape = {
      rate: Number.POSITIVE_INFINITY,
      clients: 32,
      seconds: capacitySeconds,
      minServed,
    };
    const startedAt = performance.now();
    const samples = await generateLoad(plaza.url, requests, shape);
    const served = samples.filter(({ status }) => status === 200).length;
    const elapsedSeconds = (performance.now() - startedAt) / 1_000;
    if (round >= warmUp) rates.push(served / elapsedSeconds);
  }
  return median(rates);
}

async function measureRecovery(
  plaza: PostsPlaza,
  requests: readonly Buffer[],
  capacity: number,
): Promise<number> {
  const overload = { rate: 10 * capacity, clients, seconds: overloadSeconds, minServed: 0 };
  await generateLoad(plaza.url, requests, overload);
  const endedAt = performance.now();
  const load = { rate: 0.8 * capacity, clients: 100, seconds, minServed };
  return recoveryTimeMs(await generateLoad(plaza.url, requests, load), endedAt, deadlineMs);
}

function requestsOf(
  { url, ids, accessToken }: PostsPlaza,
  name: (typeof mixNames)[number],
): readonly Buffer[] {
  if (name === "list") return [httpRequest(url, "GET", "/v1/posts")];
  if (name === "read") return ids.map((id) => httpRequest(url, "GET", `/v1/posts/${id}`));
  return [httpRequest(url, "POST", "/v1/posts", { body: newPostJson, accessToken })];
}
