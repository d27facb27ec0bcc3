// `npm run chaos shop -- --n 30 --seed 1 [--split] [--smoke]`: the shop under faults: never oversells, returns unpaid
// stock once, loses no order and no cart update.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { seededFaults } from "./shop/seeded-faults.ts";
import { runShopSuite } from "./shop/suite.ts";

const options = parseSuiteOptions(
  "shop",
  {
    n: 30,
    seed: newSeed(),
    split: false,
    products: 50,
    unitsPerProduct: 20,
    buyers: 64,
    cartClients: 32,
    calmMs: 2_000,
    faultCount: Object.keys(seededFaults).length,
  },
  { n: 1, products: 5, buyers: 4, cartClients: 4, calmMs: 300, faultCount: 1 },
);
const { anomalies, history, sold, inStock, kills, detectedFaults } = await runShopSuite({
  ...options,
  scale: options,
  // The task that expires orders runs every 5 s, which is too long for a smoke run.
  pendingOrders: options.smoke ? "confirm" : "expire",
  log: printLine,
});
printSuiteResult("shop", {
  anomalies,
  figures: {
    ...options,
    kills,
    unitsAtStart: options.products * options.unitsPerProduct,
    sold,
    inStock,
    orders: history.orderIdByKey.size,
    outOfStock: history.outOfStockErrors,
    cartIncrements: [...history.cartIncrements.values()].reduce((sum, times) => sum + times, 0),
    etagConflicts: history.etagConflicts,
    indeterminate: history.indeterminate,
  },
  planted: { caught: detectedFaults.length, of: options.faultCount },
});
