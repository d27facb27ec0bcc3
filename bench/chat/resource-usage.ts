import { clockMs } from "./worker-process.ts";
import type { ServerMemory, ServerUsage } from "./worker-protocol.ts";

let commits = new Map<string, number>();

/** Records when a message was committed, or relayed by a server that stores none. */
export function recordCommit(chatId: string, seq: number | string): void {
  commits.set(`${chatId} ${seq}`, clockMs());
}

/** Processor time so far, and the commits since the last call. */
export function takeUsage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  const taken = commits;
  commits = new Map();
  return { cpuMs: (user + system) / 1_000, commits: taken };
}

/** Memory of this process after garbage collection, if `--expose-gc` is given. */
export function measureMemory(): ServerMemory {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { residentKb: rss / 1_024, heapKb: heapUsed / 1_024 };
}
