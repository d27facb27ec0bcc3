import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planted } from "../chaos/kill/seeded-faults.ts";
import { runKills } from "../chaos/kill/suite.ts";
import { placement, withoutOwnPostgres as skip } from "./base/running-plaza.ts";

describe("kill -9 of Plaza and its PostgreSQL", { skip }, () => {
  it("loses and doubles nothing that was acknowledged", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos kill -- --n 200 --seed ${seed}`);
    const { verdict, history, caught } = await runKills({
      n: 6,
      seed,
      split: placement.length > 0,
    });
    assert.deepEqual(caught, Object.keys(planted), "the checker must see every planted fault");
    assert.ok(history.writes.length > 0);
    for (const [kind, found] of Object.entries(verdict)) assert.deepEqual(found, [], kind);
  });
});
