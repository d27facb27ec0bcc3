import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { relationsOf, type TestFriendUser, testFriends } from "./testing.ts";

describe("the demo accounts", () => {
  const friends = testFriends();

  it("get their relations once, as far as the accounts exist", async () => {
    await friends.host().seed();
    const [ada, bruno, clara] = ["ada", "bruno", "clara"].map((name) => friends.newUser(name));
    assert.ok(ada && bruno && clara);
    await Promise.all([friends.host().seed(), friends.host().seed()]);
    await friends.host().seed();
    assert.deepEqual(await relationsOf(ada, bruno), { mine: "confirmed", theirs: "confirmed" });
    assert.deepEqual(await relationsOf(ada, clara), { mine: "confirmed", theirs: "confirmed" });
    assert.deepEqual(await relationsOf(clara, bruno), { mine: "outgoing", theirs: "incoming" });
    const told = async (one: TestFriendUser, other: TestFriendUser) =>
      (await friends.eventsBetween(one, other)).map(([event]) => event);
    assert.deepEqual(await told(ada, bruno), ["FriendshipRequested", "FriendshipConfirmed"]);
  });

  it("have done so before now, one after the other", async () => {
    const rows = await friends.db("friends")<
      { since: Date }[]
    >`select low_since as since from pair`;
    const times = rows.map(({ since }) => since.getTime());
    assert.ok(times.every((time) => time < Date.now()));
    assert.equal(new Set(times).size, rows.length);
  });
});
