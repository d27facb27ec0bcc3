import { clockMs } from "./worker-process.ts";
import type { ServerMemory, ServerUsage } from "./worker-protocol.ts";

let commits = new Map<string, number>();

/** Notes that a message is there to be told. */
export function recordCommit(chatId: string, seq: number | string): void {
  commits.set(`${chatId} ${seq}`, clockMs());
}

export function takeUsage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  const seen = commits;
  commits = new Map();
  return { cpuMs: (user + system) / 1_000, commits: seen };
}

/** What the process holds, without its garbage. */
export function measureMemory(): ServerMemory {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { residentKb: rss / 1_024, heapKb: heapUsed / 1_024 };
}
