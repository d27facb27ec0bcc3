import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededFaults } from "../chaos/chat/seeded-faults.ts";
import { runChatSuite } from "../chaos/chat/suite.ts";
import { placementArgs, skipWithExternalPostgres } from "./base/running-plaza.ts";

const skip =
  placementArgs.length > 0 ? "runs in processes of its own anyway" : skipWithExternalPostgres;

describe("chat delivery under kill -9 of chat processes and PostgreSQL", {
  skip,
}, () => {
  it("delivers one gapless log to every member, in order, and to nobody else", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos chat -- --n 100000 --seed ${seed}`);
    const { anomalies, history, kills, detectedFaults } = await runChatSuite({
      seed,
      processes: 2,
      users: { writers: 4, readers: 6 },
      scale: { chats: 10, messages: 2_000, inFlightPerWriter: 8, catchUpMs: 60_000 },
      maxKillPauseMs: 1_500,
    });
    assert.deepEqual(
      detectedFaults,
      Object.keys(seededFaults),
      "the checker must detect every seeded fault",
    );
    assert.ok(Object.keys(kills).length > 0 && history.disconnects > 0 && history.removals > 0);
    for (const [kind, found] of Object.entries(anomalies)) assert.deepEqual(found, [], kind);
  });
});
