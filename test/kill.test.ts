import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededFaults } from "../chaos/kill/seeded-faults.ts";
import { runKillSuite } from "../chaos/kill/suite.ts";
import {
  chooseFaults,
  isDefaultPlacement,
  placementArgs,
  skipWithExternalPostgres as skip,
} from "./base/running-plaza.ts";

const faults = chooseFaults(seededFaults);

describe("posts and accounts under kill -9 of Plaza and its PostgreSQL", { skip }, () => {
  it("loses and duplicates no acknowledged write", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos kill -- --n 200 --seed ${seed}`);
    const { anomalies, history, detectedFaults } = await runKillSuite({
      n: isDefaultPlacement ? 6 : 3,
      seed,
      split: placementArgs.length > 0,
      faultCount: faults.length,
    });
    assert.deepEqual(detectedFaults, faults, "the checker must detect every seeded fault");
    assert.ok(history.writes.length > 0);
    for (const [kind, found] of Object.entries(anomalies)) assert.deepEqual(found, [], kind);
  });
});
