import { setTimeout as sleep } from "node:timers/promises";
import { killAndRecord, type NemesisOptions } from "../base/nemesis.ts";
import type { SeededRandom } from "../base/seeded-random.ts";

const killTargets = ["plaza", "postgres", "both"] as const;
const maxPauseMs = 700;

/** Kills Plaza, PostgreSQL or both `n` times, after random pauses; returns the durations of the recoveries, in ms. */
export async function killRandomly(
  options: NemesisOptions,
  n: number,
  random: SeededRandom,
): Promise<number[]> {
  const { signal } = options.cluster;
  const recoveriesMs: number[] = [];
  for (let count = 1; count <= n; count += 1) {
    await sleep(random.nextInt(maxPauseMs), undefined, { signal });
    const target = random.pick(killTargets);
    recoveriesMs.push(await killAndRecord(options, { target }, () => `${count} of ${n}`));
  }
  return recoveriesMs;
}
