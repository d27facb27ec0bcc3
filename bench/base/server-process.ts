import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scope } from "./scope.ts";

/** Longer than PostgreSQL takes to stop at worst, which is 20 s. */
const stopTimeoutMs = 30_000;
const groupTimeoutMs = 5_000;

/** A server under load, stopped with its scope. */
export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Sends SIGINT, waits for the end, and kills what it leaves behind in its process group. */
  stop(): Promise<void>;
};

export type ServerProcessOptions = {
  readonly args: readonly string[];
  /** Where it may run, as `taskset` names cores; anywhere by default. */
  readonly cores?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts a Node server and waits until it prints its URL. Rejects when it ends before. */
export async function startServerProcess(
  scope: Scope,
  { args, cores, env }: ServerProcessOptions,
): Promise<ServerProcess> {
  let child: ChildProcess | undefined;
  const stop = () => stopProcess(child);
  scope.defer(stop);
  const prefix = cores === undefined ? [] : ["taskset", "-c", cores];
  const [program, ...rest] = [...prefix, process.execPath, ...args] as [string, ...string[]];
  child = spawn(program, rest, {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own, so that Ctrl-C in a terminal reaches only the benchmark, which stops it.
    detached: true,
  });
  return { url: await readUrl(child), pid: child.pid ?? 0, stop };
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

async function stopProcess(child: ChildProcess | undefined): Promise<void> {
  if (!child?.pid) return;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }
  const until = performance.now() + groupTimeoutMs;
  while (killGroup(child.pid) && performance.now() < until) await sleep(10);
}

/** Whether there was a process left in the group, such as the initdb of a Plaza that was stopped early. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}
