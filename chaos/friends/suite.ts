import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../base/cleanup.ts";
import { startCluster } from "../base/cluster.ts";
import { FaultyClusters } from "../base/faulty-cluster.ts";
import type { KillCounts } from "../base/nemesis.ts";
import { registerNewAccounts } from "../base/registration.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { killDuringOperations } from "./nemesis.ts";
import { type FriendsFault, seededFaults } from "./seeded-faults.ts";
import { type FriendsScale, type FriendsWorkloadResult, runWorkload } from "./workload.ts";

/** Options of the suite. */
export type FriendsSuiteOptions = {
  /** The number of operations. */
  readonly n: number;
  readonly kills: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: FriendsScale;
  /** How many seeded faults to run; all by default. */
  readonly faultCount?: number;
  readonly log?: (line: string) => void;
};

/** Result of the run. */
export type FriendsSuiteResult = FriendsWorkloadResult & {
  readonly kills: Readonly<KillCounts>;
  readonly detectedFaults: readonly string[];
};

/** Validates the checker, then runs `n` operations while Plaza, its PostgreSQL or both are killed. */
export function runFriendsSuite(options: FriendsSuiteOptions): Promise<FriendsSuiteResult> {
  const { n, seed, split, scale, faultCount, log = () => {} } = options;
  return withCleanup(async (cleanup) => {
    const faultyClusters = new FaultyClusters(cleanup);
    // The real cluster starts beside the faulty ones, which mostly wait.
    const [cluster, detectedFaults] = await Promise.all([
      startCluster(cleanup, {
        topology: split ? "split" : "single",
        // A block declines a request, which is to be made again here.
        env: { PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: "0" },
      }),
      validateChecker(
        seededFaults,
        async (fault, attempt) =>
          (await runWithFault(faultyClusters, fault, seed + attempt)).anomalies,
        { log, faultCount, concurrency: 2 },
      ),
    ]);
    const accounts = await registerNewAccounts(cluster, scale.users);
    const kills: KillCounts = {};
    const random = createSeededRandom(seed);
    const result = await runWorkload(cluster, accounts, scale, seed, (history) =>
      killDuringOperations(
        { cluster, kills, log },
        history,
        { n, killCount: options.kills },
        random,
      ),
    );
    return { ...result, kills, detectedFaults };
  });
}

/** Runs the operations of a fault, or as many as it takes until an error shows it. */
function runWithFault(
  clusters: FaultyClusters,
  fault: FriendsFault,
  seed: number,
): Promise<FriendsWorkloadResult> {
  return clusters.with(fault, async (target) => {
    const accounts = await registerNewAccounts(target, fault.scale.users);
    return runWorkload(target, accounts, fault.scale, seed, async (history) => {
      while (history.operations.length < fault.operations && history.unexpectedErrors.length === 0)
        await sleep(5, undefined, { signal: target.signal });
    });
  });
}
