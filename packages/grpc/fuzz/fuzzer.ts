import type { FuzzPeerOptions, FuzzPeerResult } from "./batch-run.ts";
import { fuzzClient } from "./client-fuzzer.ts";
import { type SeededFault, seededFaultNames } from "./seeded-faults.ts";
import { fuzzServer } from "./server-fuzzer.ts";

/** Options of the fuzzer. */
export type GrpcFuzzOptions = {
  /** Mutated frames, half of them to a server and half to a client. */
  readonly n: number;
  readonly seed: number;
  readonly log?: (line: string) => void;
};

const responseTimeoutMs = 10_000;
const discardLog = (): void => undefined;

/** Fuzzes a server, then a client. */
export async function runGrpcFuzz({
  n,
  seed,
  log = discardLog,
}: GrpcFuzzOptions): Promise<{ server: FuzzPeerResult; client: FuzzPeerResult }> {
  const options: FuzzPeerOptions = { n: n / 2, seed, limitMs: responseTimeoutMs, log };
  const server = await fuzzServer(options);
  return { server, client: await fuzzClient(options) };
}

/** Runs the fuzzer against each of the faults in turn; returns those that it found. */
export async function findSeededFaults(
  seed: number,
  faults: readonly SeededFault[] = seededFaultNames,
): Promise<SeededFault[]> {
  const found: SeededFault[] = [];
  for (const seededFault of faults) {
    const fuzz = seededFault.startsWith("server") ? fuzzServer : fuzzClient;
    const { faults } = await fuzz({ n: 3_000, seed, limitMs: 1_000, log: discardLog, seededFault });
    if (faults.length > 0) found.push(seededFault);
  }
  return found;
}
