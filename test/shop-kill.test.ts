import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planted } from "../chaos/shop/seeded-faults.ts";
import { runShop } from "../chaos/shop/suite.ts";
import { placement, withoutOwnPostgres as skip } from "./base/running-plaza.ts";

describe("kill -9 of a busy shop and its PostgreSQL", { skip }, () => {
  it("sells what there is and no more, and loses no order and no update of a cart", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos shop -- --n 30 --seed ${seed}`);
    const { verdict, history, caught } = await runShop({
      n: 3,
      seed,
      split: placement.length > 0,
      scale: { products: 10, units: 20, buyers: 16, tabs: 8 },
    });
    assert.deepEqual(caught, Object.keys(planted), "the checker must see every planted fault");
    assert.ok(history.orders.size > 0 && history.counted.size > 0);
    for (const [kind, found] of Object.entries(verdict)) assert.deepEqual(found, [], kind);
  });
});
