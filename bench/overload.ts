// How much Plaza still does when it is asked for many times as much as it can do. Plaza has one core,
// PostgreSQL and the clients the other, PostgreSQL first. What Plaza got of its core is told beside what it
// did: where others use the machine too, the two have to be read together.
import { execFileSync } from "node:child_process";
import os from "node:os";
import { parseArgs } from "node:util";
import { newPostJson, startPostsPlaza } from "./base/posts-plaza.ts";
import { median, percentile, printResult, printTable } from "./base/report.ts";
import { generateLoad, type Sample } from "./overload/load-generator.ts";

const { values: options } = parseArgs({
  options: {
    mix: { type: "string", default: "list,write" },
    seconds: { type: "string", default: "10" },
    clients: { type: "string", default: "1000" },
    deadline: { type: "string", default: "250" },
  },
});
const seconds = Number(options.seconds);
const clients = Number(options.clients);
const deadlineMs = Number(options.deadline);
const loadFactors = [0.8, 1, 2, 5, 10];
/** What is left out at the begin of each load, in which Plaza finds out how it is. */
const warmUpMs = 1_000;
/** How exactly a recovery is timed. */
const recoveryWindowMs = 100;

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const plaza = await startPostsPlaza();
// PostgreSQL is to have the core first.
os.setPriority(19);
const requestMixes: Record<string, readonly Buffer[]> = {
  list: [request("GET", "/v1/posts")],
  read: plaza.ids.map((id) => request("GET", `/v1/posts/${id}`)),
  write: [request("POST", "/v1/posts", newPostJson)],
};

const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
for (const name of options.mix.split(",")) await measure(name);
await plaza.stop();
printResult("overload", ratios, figures);

async function measure(name: string): Promise<void> {
  const requests = requestMixes[name] ?? unknownMix(name);
  const capacity = await capacityOf(requests);
  const at = async (factor: number) => {
    await plaza.fill();
    const before = { cpuMs: plaza.cpuMs(), at: performance.now() };
    const samples = await generateLoad(plaza.url, requests, {
      rate: factor * capacity,
      clients,
      seconds,
    });
    const busy = (plaza.cpuMs() - before.cpuMs) / (performance.now() - before.at);
    return { factor, busy, ...summarize(samples) };
  };
  const unloaded = await at(0.1);
  const loaded = [];
  for (const factor of loadFactors) loaded.push(await at(factor));
  const recoveryMs = await recovery(requests, capacity);

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

/** What a few clients get that each ask again as soon as they have their answer. */
async function capacityOf(requests: readonly Buffer[]): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round <= 3; round++) {
    await plaza.fill();
    const pace = { rate: Number.POSITIVE_INFINITY, clients: 32, seconds: 4 };
    const samples = await generateLoad(plaza.url, requests, pace);
    const served = samples.filter(({ status }) => status === 200).length;
    if (round > 0) rates.push(served / pace.seconds);
  }
  return median(rates);
}

/** How long after ten times the load it takes until nineteen of twenty answers are good, and stay so. */
async function recovery(requests: readonly Buffer[], capacity: number): Promise<number> {
  await generateLoad(plaza.url, requests, { rate: 10 * capacity, clients, seconds: 5 });
  const endedAt = performance.now();
  const samples = await generateLoad(plaza.url, requests, {
    rate: 0.8 * capacity,
    clients: 100,
    seconds,
  });
  const windows = Map.groupBy(samples, ({ atMs }) =>
    Math.floor((atMs - endedAt) / recoveryWindowMs),
  );
  const bad = [...windows].filter(
    ([, sent]) => sent.filter(isInDeadline).length < 0.95 * sent.length,
  );
  return Math.max(0, ...bad.map(([window]) => (window + 1) * recoveryWindowMs));
}

function summarize(all: readonly Sample[]) {
  const begun = Math.min(...all.slice(0, 1_000).map(({ atMs }) => atMs)) + warmUpMs;
  const samples = all.filter(({ atMs }) => atMs >= begun);
  const served = samples.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = samples.filter(({ status }) => status !== 200).map(({ ms }) => ms);
  const perSecond = (count: number) => count / (seconds - warmUpMs / 1_000);
  return {
    sent: perSecond(samples.length),
    good: perSecond(samples.filter(isInDeadline).length),
    p50: percentile(served, 0.5),
    p99: percentile(served, 0.99),
    refusedP99: refused.length > 0 ? percentile(refused, 0.99) : 0,
  };
}

function isInDeadline({ status, ms }: Sample): boolean {
  return status === 200 && ms <= deadlineMs;
}

function request(method: string, path: string, body = ""): Buffer {
  const { host } = new URL(plaza.url);
  const head = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  if (body) {
    head.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
    head.push(`authorization: Bearer ${plaza.accessToken}`);
  }
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function unknownMix(name: string): never {
  throw new Error(`no mix ${name}: one of ${Object.keys(requestMixes).join(", ")}`);
}
