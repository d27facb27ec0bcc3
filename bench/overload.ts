// How much Plaza still does when it is asked for many times as much as it can do. Plaza has one core,
// PostgreSQL and the generator (h2load) the other. What Plaza got of its core is told beside what it did:
// where others use the machine too, the two have to be read together.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Load, type Sample, send } from "./overload/generator.ts";
import { median, printResult, printTable } from "./report.ts";
import { servedByWrk } from "./requests/load.ts";
import { newPost, startWithPosts } from "./requests/posts-server.ts";

const { values: options } = parseArgs({
  options: {
    mix: { type: "string", default: "list,write" },
    seconds: { type: "string", default: "10" },
    connections: { type: "string", default: "1000" },
    deadline: { type: "string", default: "250" },
  },
});
const seconds = Number(options.seconds);
const connections = Number(options.connections);
const deadlineMs = Number(options.deadline);
const times = [1, 2, 5, 10];
/** What is left out at the begin of each load, when all connections are opened at once. */
const openingMs = 1_500;

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const plaza = await startWithPosts();
const postFile = file("post.json", newPost);
const mixes: Record<string, { load: Load; script: string }> = {
  list: {
    load: { urls: [`${plaza.url}/v1/posts`], args: [] },
    script: `request = function() return wrk.format("GET", "/v1/posts") end`,
  },
  read: {
    load: { urls: plaza.ids.slice(0, 100).map((id) => `${plaza.url}/v1/posts/${id}`), args: [] },
    script: `
local ids = { ${plaza.ids.map((id) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "/v1/posts/" .. ids[math.random(#ids)]) end`,
  },
  write: {
    load: {
      urls: [`${plaza.url}/v1/posts`],
      args: ["-d", postFile, ...header("content-type: application/json"), ...header(bearer())],
    },
    script: `
wrk.method = "POST"
wrk.path = "/v1/posts"
wrk.body = ${JSON.stringify(newPost)}
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${plaza.accessToken}"`,
  },
};

const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
for (const name of options.mix.split(",")) await measure(name);
await plaza.stop();
printResult("overload", ratios, figures);

async function measure(name: string): Promise<void> {
  const { load, script } = mixes[name] ?? unknownMix(name);
  const capacity = await capacityOf(file(`${name}.lua`, script));
  const at = async (factor: number) => {
    await plaza.fill();
    const before = { cpuMs: plaza.cpuMs(), at: performance.now() };
    const samples = await send(
      load,
      { rate: factor * capacity, seconds, connections },
      plaza.dataDir,
    );
    const busy = (plaza.cpuMs() - before.cpuMs) / (performance.now() - before.at);
    return { factor, busy, ...summary(samples) };
  };
  const unloaded = await at(0.8);
  const loaded = [];
  for (const factor of times) loaded.push(await at(factor));
  const recoveryMs = await recovery(load, capacity);

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
    "good",
    "of the best",
    "half within",
    "p99",
    "p99 of refusals",
    "of a core",
    "good of a whole one",
  ];
  printTable([[name, ...head], ...rows]);
  console.log(
    `\ncapacity ${capacity.toFixed(0)}/s; recovered ${recoveryMs.toFixed(0)} ms after.\n`,
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

/** What a few clients get that each wait for an answer before they ask again. */
async function capacityOf(script: string): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round <= 3; round++) {
    await plaza.fill();
    const rate = servedByWrk(plaza.url, script, { connections: "32", seconds: "4" });
    if (round > 0) rates.push(rate);
  }
  return median(rates);
}

/** How long after ten times the load a usual one still meets answers that are not good. */
async function recovery(load: Load, capacity: number): Promise<number> {
  const usual = { rate: 0.8 * capacity, seconds, connections: 100 };
  await send(load, { rate: 10 * capacity, seconds: 5, connections }, plaza.dataDir);
  const endedAt = Date.now();
  const bad = (await send(load, usual, plaza.dataDir)).filter((sample) => !isGood(sample));
  return Math.max(0, ...bad.map(({ atMs, ms }) => atMs + ms - endedAt));
}

function summary(all: readonly Sample[]) {
  const begun =
    all.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY) + openingMs;
  const samples = all.filter(({ atMs }) => atMs >= begun);
  const served = samples.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = samples.filter(({ status }) => status !== 200).map(({ ms }) => ms);
  const perSecond = (count: number) => count / (seconds - openingMs / 1_000);
  return {
    sent: perSecond(samples.length),
    good: perSecond(samples.filter(isGood).length),
    p50: percentile(served, 0.5),
    p99: percentile(served, 0.99),
    refusedP99: refused.length > 0 ? percentile(refused, 0.99) : 0,
  };
}

function isGood({ status, ms }: Sample): boolean {
  return status === 200 && ms <= deadlineMs;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
}

function header(line: string): string[] {
  return ["-H", line];
}

function bearer(): string {
  return `authorization: Bearer ${plaza.accessToken}`;
}

function file(name: string, text: string): string {
  const at = path.join(plaza.dataDir, name);
  writeFileSync(at, text);
  return at;
}

function unknownMix(name: string): never {
  throw new Error(`no mix ${name}: one of ${Object.keys(mixes).join(", ")}`);
}
