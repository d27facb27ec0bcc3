import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planted } from "../chaos/friends/seeded-faults.ts";
import { runFriends } from "../chaos/friends/suite.ts";
import { placement, withoutOwnPostgres as skip } from "./base/running-plaza.ts";

describe("kill -9 of Plaza and its PostgreSQL while many people befriend and block each other", {
  skip,
}, () => {
  it("leaves every friendship symmetric, every answer explained, and searches right", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos friends -- --n 10000 --seed ${seed}`);
    const { verdict, history, found, caught } = await runFriends({
      n: 1_000,
      kills: 3,
      seed,
      split: placement.length > 0,
      scale: { people: 8, tabs: 2, followMs: 60_000 },
    });
    assert.deepEqual(caught, Object.keys(planted), "the checker must see every planted fault");
    assert.ok(history.calls.some(({ outcome }) => outcome === "confirmed"));
    assert.equal(found.people.length, 8);
    for (const [kind, wrong] of Object.entries(verdict)) assert.deepEqual(wrong, [], kind);
  });
});
