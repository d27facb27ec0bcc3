import type { SideOptions, SideResult } from "./batch-run.ts";
import { fuzzClient } from "./client-fuzzer.ts";
import { type Plant, plantNames } from "./seeded-faults.ts";
import { fuzzServer } from "./server-fuzzer.ts";

/** How much is sent, and from which seed. */
export type FuzzOptions = {
  /** Mutated frames, half of them to a server and half to a client. */
  readonly n: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
};

const limitMs = 10_000;
const silent = (): void => undefined;

/** Attacks a server, then a client. */
export async function runFuzz({
  n,
  seed,
  say = silent,
}: FuzzOptions): Promise<{ server: SideResult; client: SideResult }> {
  const options: SideOptions = { n: n / 2, seed, limitMs, say };
  const server = await fuzzServer(options);
  return { server, client: await fuzzClient(options) };
}

/** Plants each fault in turn, and answers which of them were found. */
export async function findPlanted(seed: number): Promise<Plant[]> {
  const found: Plant[] = [];
  for (const plant of plantNames) {
    const fuzz = plant.startsWith("server") ? fuzzServer : fuzzClient;
    const { faults } = await fuzz({ n: 3_000, seed, limitMs: 1_000, say: silent, plant });
    if (faults.length > 0) found.push(plant);
  }
  return found;
}
