import { setTimeout as sleep } from "node:timers/promises";
import { newDataDir, removeData } from "../../test/base/data-dir.ts";
import { startMortal, victims } from "../base/cluster.ts";
import { withStall } from "../base/faulty-cluster.ts";
import { seeded } from "../base/seeded-random.ts";
import { prove } from "../base/validate-checker.ts";
import { plainSend } from "../kill/client.ts";
import { type Planted, planted } from "./seeded-faults.ts";
import { type Day, marketDay, type Scale } from "./workload.ts";

/** How to run: how many kills, from which seed, in which placement, at what scale. */
export type ShopOptions = {
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: Scale;
  readonly say?: (line: string) => void;
};

/** What came of it. */
export type ShopResult = Day & {
  readonly kills: Readonly<Record<string, number>>;
  /** The planted faults that the checker saw. */
  readonly caught: readonly string[];
};

/** Few products, so that buyers get into each other's way. */
const stall = { products: 4, buyers: 12, tabs: 8 };
const plantedMs = 3_000;

/**
 * Proves the checker on broken shops, then lets buyers buy while Plaza, its PostgreSQL or both are killed
 * `n` times, and counts.
 */
export async function runShop(options: ShopOptions): Promise<ShopResult> {
  const { n, seed, split, scale, say = () => {} } = options;
  const onBroken = (fault: Planted, attempt: number) =>
    withStall(fault, (target) =>
      marketDay(target, { ...stall, units: fault.units ?? 15 }, seed + attempt, () =>
        sleep(fault.ms ?? plantedMs),
      ),
    );
  const caught = await prove(planted, onBroken, say);

  const dataDir = newDataDir();
  const random = seeded(seed);
  const mortal = await startMortal(dataDir, split, plainSend, { PLAZA_SHOP_HOLD_SECONDS: "3" });
  const kills: Record<string, number> = {};
  try {
    const day = await marketDay(mortal, scale, seed, async ({ orders }) => {
      await sleep(2_000);
      for (let count = 1; count <= n; count += 1) {
        await sleep(random.below(1_500));
        const victim = random.pick(victims);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        say(
          `${count}/${n}: killed ${victim}, back after ${Math.round(ms)} ms, ${orders.size} orders`,
        );
      }
      await sleep(2_000);
    });
    return { ...day, kills, caught };
  } finally {
    await mortal.stop();
    await removeData(dataDir);
  }
}
