import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What clients ask for, again and again. */
export type Load = {
  readonly urls: readonly string[];
  /** Further arguments of h2load: a body, headers. */
  readonly args: readonly string[];
};

/** One request and its answer: when it was sent, in milliseconds since 1970, and how long it took. */
export type Sample = { readonly atMs: number; readonly status: number; readonly ms: number };

/** Connections of one process send at the same moment, so that these follow each other in time. */
const processes = 20;

/**
 * Sends requests at a fixed rate, whatever comes back, from processes of h2load on the second core: each
 * of many connections at its share of the rate, with one request under way. A connection that gets its
 * answer late sends what has become due meanwhile at once.
 */
export async function send(
  load: Load,
  { rate, seconds, connections }: { rate: number; seconds: number; connections: number },
  folder: string,
): Promise<Sample[]> {
  const share = { rate: rate / connections, seconds, connections: connections / processes };
  const betweenMs = (connections / rate / processes) * 1_000;
  const sending = Array.from({ length: processes }, async (_, n) => {
    await sleep(n * betweenMs);
    return sendOne(load, share, path.join(folder, `h2load.${n}.log`));
  });
  return (await Promise.all(sending)).flat();
}

async function sendOne(
  { urls, args }: Load,
  { rate, seconds, connections }: { rate: number; seconds: number; connections: number },
  log: string,
): Promise<Sample[]> {
  rmSync(log, { force: true });
  // PostgreSQL is to have the core first.
  const command = [
    "-c",
    "1",
    "nice",
    "-n",
    "19",
    "h2load",
    "--h1",
    `-c${connections}`,
    `-D${seconds}`,
  ];
  await run("taskset", [...command, `--rps=${rate}`, `--log-file=${log}`, ...args, ...urls], {
    maxBuffer: 1 << 26,
  });
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return lines.map((line) => {
    const [atUs = "", status = "", us = ""] = line.split("\t");
    return { atMs: Number(atUs) / 1_000, status: Number(status), ms: Number(us) / 1_000 };
  });
}
