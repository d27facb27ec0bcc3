import { setTimeout as sleep } from "node:timers/promises";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { killTargets, startCluster } from "../base/cluster.ts";
import { withFaultyCluster } from "../base/faulty-cluster.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { sendRequest } from "../kill/client.ts";
import { type ShopFault, seededFaults } from "./seeded-faults.ts";
import { runWorkload, type ShopScale, type ShopWorkloadResult } from "./workload.ts";

/** How to run: how many kills, from which seed, in which placement, at what scale. */
export type ShopSuiteOptions = {
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: ShopScale;
  readonly log?: (line: string) => void;
};

/** What came of it. */
export type ShopSuiteResult = ShopWorkloadResult & {
  readonly kills: Readonly<Record<string, number>>;
  /** The planted faults that the checker saw. */
  readonly detectedFaults: readonly string[];
};

/** Few products, so that buyers get into each other's way. */
const validationScale = { products: 4, buyers: 12, cartClients: 8 };
const validationMs = 3_000;

/**
 * Proves the checker on broken shops, then lets buyers buy while Plaza, its PostgreSQL or both are killed
 * `n` times, and counts.
 */
export async function runShopSuite(options: ShopSuiteOptions): Promise<ShopSuiteResult> {
  const { n, seed, split, scale, log = () => {} } = options;
  const onBroken = (fault: ShopFault, attempt: number) =>
    withFaultyCluster(fault, (target) =>
      runWorkload(
        target,
        { ...validationScale, unitsPerProduct: fault.unitsPerProduct ?? 15 },
        seed + attempt,
        () => sleep(fault.ms ?? validationMs),
      ),
    );
  const detectedFaults = await validateChecker(seededFaults, onBroken, log);

  const dataDir = newDataDir();
  const random = createSeededRandom(seed);
  const mortal = await startCluster(dataDir, split, sendRequest, { PLAZA_SHOP_HOLD_SECONDS: "3" });
  const kills: Record<string, number> = {};
  try {
    const day = await runWorkload(mortal, scale, seed, async ({ orderIdByKey }) => {
      await sleep(2_000);
      for (let count = 1; count <= n; count += 1) {
        await sleep(random.nextInt(1_500));
        const victim = random.pick(killTargets);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        log(
          `${count}/${n}: killed ${victim}, back after ${Math.round(ms)} ms, ${orderIdByKey.size} orders`,
        );
      }
      await sleep(2_000);
    });
    return { ...day, kills, detectedFaults };
  } finally {
    await mortal.stop();
    await removeDataDir(dataDir);
  }
}
