import { setTimeout as sleep } from "node:timers/promises";
import { killAndRecord, type NemesisOptions } from "../base/nemesis.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ShopHistory } from "./history.ts";

const killTargets = ["plaza", "postgres", "both"] as const;
const maxPauseMs = 1_500;

/** How often to kill, and how long the buyers run undisturbed before and after. */
export type ShopAttack = { readonly n: number; readonly calmMs: number };

/** Kills Plaza, PostgreSQL or both `n` times, after random pauses. */
export async function killRandomly(
  options: NemesisOptions,
  { orderIdByKey }: ShopHistory,
  { n, calmMs }: ShopAttack,
  random: SeededRandom,
): Promise<void> {
  const { signal } = options.cluster;
  await sleep(calmMs, undefined, { signal });
  for (let count = 1; count <= n; count += 1) {
    await sleep(random.nextInt(maxPauseMs), undefined, { signal });
    const target = random.pick(killTargets);
    await killAndRecord(options, { target }, () => `${count} of ${n}, ${orderIdByKey.size} orders`);
  }
  await sleep(calmMs, undefined, { signal });
}
