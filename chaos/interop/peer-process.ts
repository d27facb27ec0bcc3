import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { acquire } from "../base/cleanup.ts";
import type { CallOutcome, CallPlan } from "./call-plan.ts";
import type { EchoSettings } from "./echo-stack.ts";
import type { Peer } from "./peers.ts";

/** Starts a server; it ends with the cleanup. Resolves with its port. */
export async function startServer(
  cleanup: AsyncDisposableStack,
  peer: Peer,
  settings: EchoSettings,
): Promise<number> {
  const child = await startPeer(cleanup, peer, ["serve", JSON.stringify(settings)]);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done) throw new Error(`the server of ${peer.name} ended before it printed its port`);
  return Number(value);
}

/** Lets a client make calls. Resolves with the outcomes that it printed before it ended, or before it stood still. */
export async function makeCalls(
  cleanup: AsyncDisposableStack,
  peer: Peer,
  port: number,
  settings: EchoSettings,
  plans: readonly CallPlan[],
  maxSilenceMs: number,
): Promise<CallOutcome[]> {
  const child = await startPeer(cleanup, peer, ["call", String(port), JSON.stringify(settings)]);
  child.stdin.on("error", () => {}); // Its outcomes will be missing.
  child.stdin.end(plans.map((plan) => `${JSON.stringify(plan)}\n`).join(""));
  const outcomes: CallOutcome[] = [];
  const watchdog = setTimeout(() => child.kill("SIGKILL"), maxSilenceMs);
  for await (const line of createInterface(child.stdout)) {
    outcomes.push(JSON.parse(line));
    watchdog.refresh();
  }
  clearTimeout(watchdog);
  return outcomes;
}

function startPeer(cleanup: AsyncDisposableStack, { command }: Peer, args: readonly string[]) {
  const [program, ...rest] = command;
  return acquire(
    cleanup,
    async () => spawn(program, [...rest, ...args], { stdio: ["pipe", "pipe", "inherit"] }),
    stop,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
