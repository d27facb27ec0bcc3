import { setTimeout as sleep } from "node:timers/promises";
import { killAndRecord, type NemesisOptions } from "../base/nemesis.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { FriendsHistory } from "./history.ts";

const killTargets = ["plaza", "postgres", "both"] as const;

/** Kills Plaza, PostgreSQL or both `killCount` times, evenly spread over `n` operations. */
export async function killDuringOperations(
  options: NemesisOptions,
  { operations }: FriendsHistory,
  { n, killCount }: { readonly n: number; readonly killCount: number },
  random: SeededRandom,
): Promise<void> {
  const { signal } = options.cluster;
  for (let count = 1; count <= killCount; count += 1) {
    await waitForOperations(operations, (n * count) / (killCount + 1), signal);
    const target = random.pick(killTargets);
    await killAndRecord(
      options,
      { target },
      () => `${count} of ${killCount}, ${operations.length} operations`,
    );
  }
  await waitForOperations(operations, n, signal);
}

async function waitForOperations(
  operations: readonly unknown[],
  n: number,
  signal: AbortSignal,
): Promise<void> {
  while (operations.length < n) await sleep(5, undefined, { signal });
}
