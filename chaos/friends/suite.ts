import { setTimeout as sleep } from "node:timers/promises";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { killTargets, startCluster } from "../base/cluster.ts";
import { withFaultyCluster } from "../base/faulty-cluster.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { sendRequest } from "../kill/client.ts";
import type { FriendsHistory } from "./history.ts";
import { type FriendsFault, seededFaults } from "./seeded-faults.ts";
import { type FriendsScale, type FriendsWorkloadResult, runWorkload } from "./workload.ts";

/** How to run: how many steps and kills, from which seed, in which placement, at what scale. */
export type FriendsSuiteOptions = {
  readonly n: number;
  readonly kills: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: FriendsScale;
  readonly log?: (line: string) => void;
};

/** What came of it. */
export type FriendsSuiteResult = FriendsWorkloadResult & {
  readonly kills: Readonly<Record<string, number>>;
  /** The planted faults that the checker saw. */
  readonly detectedFaults: readonly string[];
};

/**
 * Proves the checker on broken services, then lets a crowd take `n` steps while Plaza, its PostgreSQL or
 * both are killed every so many of them, and compares.
 */
export async function runFriendsSuite(options: FriendsSuiteOptions): Promise<FriendsSuiteResult> {
  const { n, seed, split, scale, log = () => {} } = options;
  const onBroken = (fault: FriendsFault, attempt: number) =>
    withFaultyCluster(fault, (target) =>
      runWorkload(target, fault.scale, seed + attempt, (history) =>
        waitForOperations(history, fault.operations),
      ),
    );
  const detectedFaults = await validateChecker(seededFaults, onBroken, log);

  const dataDir = newDataDir();
  const random = createSeededRandom(seed);
  const mortal = await startCluster(dataDir, split, sendRequest);
  const kills: Record<string, number> = {};
  try {
    const meeting = await runWorkload(mortal, scale, seed, async (history) => {
      for (let count = 1; count <= options.kills; count += 1) {
        await waitForOperations(history, (n * count) / (options.kills + 1));
        const victim = random.pick(killTargets);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        const after = `${Math.round(ms)} ms, ${history.operations.length} steps`;
        log(`${count}/${options.kills}: killed ${victim}, back after ${after}`);
      }
      await waitForOperations(history, n);
    });
    return { ...meeting, kills, detectedFaults };
  } finally {
    await mortal.stop();
    await removeDataDir(dataDir);
  }
}

/** Waits until so many steps have been answered. */
async function waitForOperations({ operations }: FriendsHistory, steps: number): Promise<void> {
  while (operations.length < steps) await sleep(5);
}
