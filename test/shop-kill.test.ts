import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededFaults } from "../chaos/shop/seeded-faults.ts";
import { runShopSuite } from "../chaos/shop/suite.ts";
import {
  chooseFaults,
  isDefaultPlacement,
  placementArgs,
  skipWithExternalPostgres as skip,
} from "./base/running-plaza.ts";

const faults = chooseFaults(seededFaults);

describe("the shop under kill -9 of Plaza and its PostgreSQL", { skip }, () => {
  it("never oversells, and loses no order and no cart update", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos shop -- --n 30 --seed ${seed}`);
    const { anomalies, history, detectedFaults } = await runShopSuite({
      n: isDefaultPlacement ? 3 : 2,
      seed,
      split: placementArgs.length > 0,
      faultCount: faults.length,
      scale: { products: 10, unitsPerProduct: 20, buyers: 16, cartClients: 8 },
    });
    assert.deepEqual(detectedFaults, faults, "the checker must detect every seeded fault");
    assert.ok(history.orderIdByKey.size > 0 && history.cartIncrements.size > 0);
    for (const [kind, found] of Object.entries(anomalies)) assert.deepEqual(found, [], kind);
  });
});
