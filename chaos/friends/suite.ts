import { setTimeout as sleep } from "node:timers/promises";
import { newDataDir, removeData } from "../../test/base/data-dir.ts";
import { startMortal, victims } from "../base/cluster.ts";
import { withStall } from "../base/faulty-cluster.ts";
import { seeded } from "../base/seeded-random.ts";
import { prove } from "../base/validate-checker.ts";
import { plainSend } from "../kill/client.ts";
import type { History } from "./history.ts";
import { type Planted, planted } from "./seeded-faults.ts";
import { type Meeting, meet, type Scale } from "./workload.ts";

/** How to run: how many steps and kills, from which seed, in which placement, at what scale. */
export type FriendsOptions = {
  readonly n: number;
  readonly kills: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: Scale;
  readonly say?: (line: string) => void;
};

/** What came of it. */
export type FriendsResult = Meeting & {
  readonly kills: Readonly<Record<string, number>>;
  /** The planted faults that the checker saw. */
  readonly caught: readonly string[];
};

/**
 * Proves the checker on broken services, then lets a crowd take `n` steps while Plaza, its PostgreSQL or
 * both are killed every so many of them, and compares.
 */
export async function runFriends(options: FriendsOptions): Promise<FriendsResult> {
  const { n, seed, split, scale, say = () => {} } = options;
  const onBroken = (fault: Planted, attempt: number) =>
    withStall(fault, (target) =>
      meet(target, fault.scale, seed + attempt, (history) => reach(history, fault.steps)),
    );
  const caught = await prove(planted, onBroken, say);

  const dataDir = newDataDir();
  const random = seeded(seed);
  const mortal = await startMortal(dataDir, split, plainSend);
  const kills: Record<string, number> = {};
  try {
    const meeting = await meet(mortal, scale, seed, async (history) => {
      for (let count = 1; count <= options.kills; count += 1) {
        await reach(history, (n * count) / (options.kills + 1));
        const victim = random.pick(victims);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        const after = `${Math.round(ms)} ms, ${history.calls.length} steps`;
        say(`${count}/${options.kills}: killed ${victim}, back after ${after}`);
      }
      await reach(history, n);
    });
    return { ...meeting, kills, caught };
  } finally {
    await mortal.stop();
    await removeData(dataDir);
  }
}

/** Waits until so many steps have been answered. */
async function reach({ calls }: History, steps: number): Promise<void> {
  while (calls.length < steps) await sleep(5);
}
