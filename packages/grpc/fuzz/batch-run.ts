import { createCounters, type FuzzCounters } from "./counters.ts";
import type { SeededFault } from "./seeded-faults.ts";

/** Options for one side of the fuzzer. */
export type FuzzPeerOptions = {
  /** Mutated frames to send. */
  readonly n: number;
  readonly seed: number;
  /** How long anything may take before it counts as a hang, in milliseconds. */
  readonly limitMs: number;
  readonly log: (line: string) => void;
  /** A fault to seed in the target. */
  readonly seededFault?: SeededFault;
};

/** The result of one side. */
export type FuzzPeerResult = {
  readonly counters: FuzzCounters;
  /** Violations by the target, each with the frames that it was sent before. */
  readonly faults: string[];
  /** Bytes in use when all connections are closed, after each tenth of the run. */
  readonly memory: number[];
  /** Calls of the client that succeeded although mutated frames came in between. */
  succeeded: number;
  seconds: number;
};

/** One side of the fuzzer. */
export type FuzzedPeer = {
  readonly name: string;
  /** Runs until that many mutated frames are sent, or a fault is found. */
  send(quota: number, batch: number): Promise<void>;
  /** Makes a call that must succeed. */
  check(): Promise<void>;
  measure(): Promise<number>;
};

const batchCount = 100;
/** More is a leak: a few bytes for each frame in a run of a million. */
const maxMemoryGrowthBytes = 4_000_000;

export function createFuzzResult(): FuzzPeerResult {
  return { counters: createCounters(), faults: [], memory: [], succeeded: 0, seconds: 0 };
}

/** Runs one side: a hundred batches, each of which ends with all connections closed and a call. */
export async function runBatches(
  { name, send, check, measure }: FuzzedPeer,
  { n, log }: FuzzPeerOptions,
  result: FuzzPeerResult,
): Promise<void> {
  const start = performance.now();
  for (let batch = 1; batch <= batchCount && result.faults.length === 0; batch++) {
    await send(Math.ceil((n * batch) / batchCount), batch);
    await check();
    if ((batch * 10) % batchCount > 0) continue;
    const memory = await measure();
    result.memory.push(memory);
    result.seconds = (performance.now() - start) / 1_000;
    const { mutated, frames } = result.counters;
    log(`${name}: ${mutated} mutated of ${frames} frames, ${(memory / 1e6).toFixed(1)} MB in use`);
  }
  if (memoryGrowthBytes(result) > maxMemoryGrowthBytes)
    result.faults.push(`leak: ${memoryGrowthBytes(result)} bytes`);
}

/** The growth of memory in use from the first tenth of the run to the last, in bytes. */
export function memoryGrowthBytes({ memory }: FuzzPeerResult): number {
  return (memory.at(-1) ?? 0) - (memory[0] ?? 0);
}
