import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededFaults } from "../chaos/friends/seeded-faults.ts";
import { runFriendsSuite } from "../chaos/friends/suite.ts";
import {
  chooseFaults,
  isDefaultPlacement,
  placementArgs,
  skipWithExternalPostgres as skip,
} from "./base/running-plaza.ts";

const faults = chooseFaults(seededFaults);

describe("friendships under kill -9 of Plaza and its PostgreSQL", {
  skip,
}, () => {
  it("keeps relations symmetric, operations linearizable, and searches consistent with blocks", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos friends -- --n 10000 --seed ${seed}`);
    const { anomalies, history, finalState, detectedFaults } = await runFriendsSuite({
      n: 1_000,
      kills: isDefaultPlacement ? 3 : 2,
      seed,
      split: placementArgs.length > 0,
      faultCount: faults.length,
      scale: { users: 8, clientsPerUser: 2, searchLagMs: 60_000 },
    });
    assert.deepEqual(detectedFaults, faults, "the checker must detect every seeded fault");
    assert.ok(history.operations.some(({ outcome }) => outcome === "confirmed"));
    assert.equal(finalState.userIds.length, 8);
    for (const [kind, wrong] of Object.entries(anomalies)) assert.deepEqual(wrong, [], kind);
  });
});
