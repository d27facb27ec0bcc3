import { setTimeout as sleep } from "node:timers/promises";
import { withCleanup } from "../base/cleanup.ts";
import { startCluster } from "../base/cluster.ts";
import { FaultyClusters } from "../base/faulty-cluster.ts";
import type { KillCounts } from "../base/nemesis.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { killRandomly, type ShopAttack } from "./nemesis.ts";
import type { PendingOrders } from "./read-back.ts";
import { type ShopFault, seededFaults } from "./seeded-faults.ts";
import { runWorkload, type ShopScale, type ShopWorkloadResult } from "./workload.ts";

/** Options of the suite. */
export type ShopSuiteOptions = Partial<ShopAttack> & {
  /** The number of kills. */
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  readonly scale: ShopScale;
  /** They expire unless given, so that the checker sees whether their units return to the stock. */
  readonly pendingOrders?: PendingOrders;
  /** How many seeded faults to run; all by default. */
  readonly faultCount?: number;
  readonly log?: (line: string) => void;
};

/** Result of the run. */
export type ShopSuiteResult = ShopWorkloadResult & {
  readonly kills: Readonly<KillCounts>;
  readonly detectedFaults: readonly string[];
};

/** Few products, so that buyers contend for them. */
const validationScale = { products: 4, buyers: 12, cartClients: 8 };
const validationMs = 3_000;
const defaultUnitsPerProduct = 15;

/** Validates the checker, then lets buyers buy while Plaza, its PostgreSQL or both are killed `n` times. */
export function runShopSuite(options: ShopSuiteOptions): Promise<ShopSuiteResult> {
  const { n, seed, split, scale, calmMs = 2_000, faultCount, log = () => {} } = options;
  const { pendingOrders = "expire" } = options;
  return withCleanup(async (cleanup) => {
    const faultyClusters = new FaultyClusters(cleanup);
    // The real cluster starts beside the faulty ones, which mostly wait.
    const [cluster, detectedFaults] = await Promise.all([
      startCluster(cleanup, {
        topology: split ? "split" : "single",
        env: {
          PLAZA_SHOP_HOLD_SECONDS: "3",
          PLAZA_SHOP_MAX_UNPAID_ORDERS: "0",
          PLAZA_SHOP_MAX_RESERVED_PIECES: "0",
        },
      }),
      validateChecker(
        seededFaults,
        async (fault, attempt) =>
          (await runWithFault(faultyClusters, fault, seed + attempt)).anomalies,
        { log, faultCount, concurrency: 2 },
      ),
    ]);
    const kills: KillCounts = {};
    const random = createSeededRandom(seed);
    const workload = { scale, seed, pendingOrders, maxProviderWaitMs: 60_000 };
    const result = await runWorkload(cluster, workload, (history) =>
      killRandomly({ cluster, kills, log }, history, { n, calmMs }, random),
    );
    return { ...result, kills, detectedFaults };
  });
}

/** Runs buyers for the time of the fault, or until an error or a transient oversell shows it. */
function runWithFault(
  clusters: FaultyClusters,
  fault: ShopFault,
  seed: number,
): Promise<ShopWorkloadResult> {
  const { unitsPerProduct = defaultUnitsPerProduct, ms = validationMs } = fault;
  return clusters.with(fault, (target) => {
    const scale = { ...validationScale, unitsPerProduct };
    const workload = { scale, seed, pendingOrders: "confirm", maxProviderWaitMs: 2_000 } as const;
    return runWorkload(target, workload, async (history) => {
      const isDetected = () => history.oversold.size > 0 || history.unexpectedErrors.length > 0;
      for (const deadline = Date.now() + ms; !isDetected() && Date.now() < deadline; )
        await sleep(20, undefined, { signal: target.signal });
    });
  });
}
