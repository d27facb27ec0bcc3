import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../base/cleanup.ts";
import { startCluster, type TestCluster } from "../base/cluster.ts";
import type { KillCounts } from "../base/nemesis.ts";
import { registerNewAccounts } from "../base/registration.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { killRandomly } from "./nemesis.ts";
import { type ResponseFault, seededFaults } from "./seeded-faults.ts";
import { type KillWorkloadResult, runWorkload } from "./workload.ts";

/** Options of the suite. */
export type KillSuiteOptions = {
  /** The number of kills. */
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  /** How many seeded faults to run; all by default. */
  readonly faultCount?: number;
  readonly log?: (line: string) => void;
};

/** Result of the run. */
export type KillSuiteResult = KillWorkloadResult & {
  readonly kills: Readonly<KillCounts>;
  /** From each kill until Plaza was ready again, in ms. */
  readonly recoveriesMs: readonly number[];
  readonly detectedFaults: readonly string[];
};

const writerCount = 8;
const validationWriterCount = 2;
/** How often a seeded fault occurs before the checker must have detected it. */
const minOccurrences = 3;

/** Validates the checker, then writes from eight clients while Plaza, its PostgreSQL or both are killed `n` times. */
export function runKillSuite(options: KillSuiteOptions): Promise<KillSuiteResult> {
  const { n, seed, split, log = () => {} } = options;
  return withCleanup(async (cleanup) => {
    const cluster = await startCluster(cleanup, { topology: split ? "split" : "single" });
    const detectedFaults = await validate(cluster, options, log);
    const authors = await registerNewAccounts(cluster, writerCount);
    const kills: KillCounts = {};
    let recoveriesMs: number[] = [];
    const result = await runWorkload(cluster, authors, seed, async () => {
      recoveriesMs = await killRandomly({ cluster, kills, log }, n, createSeededRandom(seed));
    });
    result.history.unexpectedErrors.push(...cluster.internalErrors());
    return { ...result, kills, recoveriesMs, detectedFaults };
  });
}

/** Runs all faults at the same time on one cluster: each is in the transport of its own writers. */
function validate(
  cluster: TestCluster,
  { seed, faultCount }: KillSuiteOptions,
  log: (line: string) => void,
): Promise<string[]> {
  const runWithFault = async ({ send, occurrences }: ResponseFault, attempt: number) => {
    const authors = await registerNewAccounts(cluster, validationWriterCount);
    const target = { ...cluster, send };
    const { anomalies } = await runWorkload(target, authors, seed + attempt, async () => {
      while (occurrences() < minOccurrences * (attempt + 1)) {
        await sleep(20, undefined, { signal: cluster.signal });
      }
    });
    return anomalies;
  };
  const concurrency = Object.keys(seededFaults).length;
  return validateChecker(seededFaults, runWithFault, { log, faultCount, concurrency });
}
