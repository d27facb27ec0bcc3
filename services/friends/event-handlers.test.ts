import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { friendEventHandlers } from "./event-handlers.ts";
import { act, relationTo, testFriends } from "./testing.ts";
import { replayEvents } from "./testing-replay.ts";

const strangers = { mine: "none", theirs: "none" } as const;

describe("UserDeleted", () => {
  const friends = testFriends();
  const handle = (userId: string) =>
    friends.db("friends").begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId });
      for (const follow of friendEventHandlers) await follow.handle(tx, event as never);
    });

  it("ends all relations of the user, and publishes each end once", async () => {
    const left = friends.newUser();
    const others = Array.from({ length: 6 }, () => friends.newUser());
    const [friend, asked, asking, blocked, blocker, both] = others;
    const stayed = friends.newUser();
    assert.ok(friend && asked && asking && blocked && blocker && both);
    await act(left, "Request", friend);
    await act(friend, "Confirm", left);
    await act(left, "Request", asked);
    await act(asking, "Request", left);
    for (const one of [blocked, both]) await act(left, "Block", one);
    for (const one of [blocker, both]) await act(one, "Block", left);
    await act(friend, "Request", stayed);

    await handle(left.id);
    await handle(left.id);
    const last = [];
    for (const one of others) {
      assert.equal(await relationTo(one, left), "none");
      const events = await friends.eventsBetween(left, one);
      assert.deepEqual(replayEvents(strangers, left, events), strangers);
      const [event, doer] = events.at(-1) ?? [];
      last.push([event, doer === left ? "left" : "other"]);
    }
    assert.deepEqual(last, [
      ["FriendshipEnded", "left"],
      ["FriendshipWithdrawn", "left"],
      ["FriendshipDeclined", "left"],
      ["UserUnblocked", "left"],
      ["UserUnblocked", "other"],
      ["UserUnblocked", "other"],
    ]);
    assert.equal(await relationTo(friend, stayed), "outgoing");
    const rows = await friends.db(
      "friends",
    )`select from pair where ${left.id} in (low_id, high_id)`;
    assert.equal(rows.count, 0);
  });

  it("creates no relation with a deleted user by a concurrent request", async () => {
    const [left, stayed] = [friends.newUser(), friends.newUser()];
    await handle(left.id);
    for (const [one, action, other] of [
      [stayed, "Request", left],
      [stayed, "Block", left],
      [left, "Request", stayed],
      [left, "Block", stayed],
    ] as const) {
      await assertRefused(act(one, action, other), Code.NotFound, "NO_SUCH_USER");
    }
    assert.equal((await act(stayed, "Remove", left)).userId, left.id);
  });

  it("ends all relations under concurrent requests", async () => {
    for (let round = 0; round < 10; round += 1) {
      const [left, other] = [friends.newUser(), friends.newUser()];
      await Promise.allSettled([
        act(other, "Request", left),
        handle(left.id),
        act(left, "Request", other),
      ]);
      assert.equal(await relationTo(other, left), "none");
    }
  });
});
