import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planted } from "../chaos/chat/seeded-faults.ts";
import { runChat } from "../chaos/chat/suite.ts";
import { placement, withoutOwnPostgres } from "./base/running-plaza.ts";

const skip = placement.length > 0 ? "runs in processes of its own anyway" : withoutOwnPostgres;

describe("kill -9 of chat processes and PostgreSQL while many people write and read", {
  skip,
}, () => {
  it("leaves one gapless log, told to members whole and in order, and to nobody else", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos chat -- --n 100000 --seed ${seed}`);
    const { verdict, history, kills, caught } = await runChat({
      seed,
      processes: 2,
      crowd: { writers: 4, readers: 6 },
      scale: { chats: 10, messages: 4_000, hands: 8, catchUpMs: 60_000 },
      pauseMs: 1_500,
    });
    assert.deepEqual(caught, Object.keys(planted), "the checker must see every planted fault");
    assert.ok(Object.keys(kills).length > 0 && history.cutOff > 0 && history.removed > 0);
    for (const [kind, found] of Object.entries(verdict)) assert.deepEqual(found, [], kind);
  });
});
