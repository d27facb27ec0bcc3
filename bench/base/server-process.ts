import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scope } from "./scope.ts";

/** Longer than PostgreSQL takes to stop at worst, which is 20 s. */
const stopTimeoutMs = 30_000;
const killTimeoutMs = 5_000;

/** A server under load. Its scope kills it at the end, as nothing that it stores is needed after that. */
export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
};

export type ServerProcessOptions = {
  /** Node by default. */
  readonly program?: string;
  readonly args?: readonly string[];
  /** Where it may run, as `taskset` names cores; anywhere by default. */
  readonly cores?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts a server and waits until it prints its URL. Rejects when it ends before. */
export async function startServerProcess(
  scope: Scope,
  { program = process.execPath, args = [], cores, env }: ServerProcessOptions,
): Promise<ServerProcess> {
  let child: ChildProcess | undefined;
  scope.defer(() => killProcess(child));
  const prefix = cores === undefined ? [] : ["taskset", "-c", cores];
  const [command, ...rest] = [...prefix, program, ...args] as [string, ...string[]];
  child = spawn(command, rest, {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own, so that Ctrl-C in a terminal reaches only the benchmark, which stops it.
    detached: true,
  });
  return { url: await readUrl(child), pid: child.pid ?? 0, stop: () => stopProcess(child) };
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += String(chunk);
      const [url] = /http:\/\/[\w.]+:\d+/.exec(printed) ?? [];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`${child.spawnargs.join(" ")} ended:\n${printed}`)));
  });
}

/** Asks a server to stop, waits for that, and kills what is left of its process group. */
async function stopProcess(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }
  await killProcess(child);
}

/** Kills a server and those that it has started, such as the services of a split Plaza or its initdb. */
async function killProcess(child: ChildProcess | undefined): Promise<void> {
  if (!child?.pid) return;
  const until = performance.now() + killTimeoutMs;
  while (killGroup(child.pid) && performance.now() < until) await sleep(10);
}

/** Whether there was a process left in the group. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}
