import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededFaults } from "../chaos/shop/seeded-faults.ts";
import { runShopSuite } from "../chaos/shop/suite.ts";
import { placementArgs, skipWithExternalPostgres as skip } from "./base/running-plaza.ts";

describe("kill -9 of a busy shop and its PostgreSQL", { skip }, () => {
  it("sells what there is and no more, and loses no order and no update of a cart", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos shop -- --n 30 --seed ${seed}`);
    const { anomalies, history, detectedFaults } = await runShopSuite({
      n: 3,
      seed,
      split: placementArgs.length > 0,
      scale: { products: 10, unitsPerProduct: 20, buyers: 16, cartClients: 8 },
    });
    assert.deepEqual(
      detectedFaults,
      Object.keys(seededFaults),
      "the checker must see every planted fault",
    );
    assert.ok(history.orderIdByKey.size > 0 && history.cartIncrements.size > 0);
    for (const [kind, found] of Object.entries(anomalies)) assert.deepEqual(found, [], kind);
  });
});
