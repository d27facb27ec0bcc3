import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { friendFollows } from "./event-handlers.ts";
import { relationTo, take, testFriends } from "./testing.ts";
import { replay } from "./testing-replay.ts";

const strangers = { mine: "none", theirs: "none" } as const;

describe("UserDeleted", () => {
  const friends = testFriends();
  const handle = (userId: string) =>
    friends.db("friends").begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId });
      for (const follow of friendFollows) await follow.handle(tx, event as never);
    });

  it("ends all that somebody was to others, and announces each end once", async () => {
    const left = friends.person();
    const others = Array.from({ length: 6 }, () => friends.person());
    const [friend, asked, asking, blocked, blocker, both] = others;
    const stayed = friends.person();
    assert.ok(friend && asked && asking && blocked && blocker && both);
    await take(left, "Request", friend);
    await take(friend, "Confirm", left);
    await take(left, "Request", asked);
    await take(asking, "Request", left);
    for (const one of [blocked, both]) await take(left, "Block", one);
    for (const one of [blocker, both]) await take(one, "Block", left);
    await take(friend, "Request", stayed);

    await handle(left.id);
    await handle(left.id);
    const last = [];
    for (const one of others) {
      assert.equal(await relationTo(one, left), "none");
      const events = await friends.eventsAbout(left, one);
      assert.deepEqual(replay(strangers, left, events), strangers);
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

  it("lets no step that was on its way bring back who left", async () => {
    const [left, stayed] = [friends.person(), friends.person()];
    await handle(left.id);
    for (const [one, action, other] of [
      [stayed, "Request", left],
      [stayed, "Block", left],
      [left, "Request", stayed],
      [left, "Block", stayed],
    ] as const) {
      await assertRefused(take(one, action, other), Code.NotFound, "NO_SUCH_USER");
    }
    assert.equal((await take(stayed, "Remove", left)).userId, left.id);
  });

  it("meets steps at the same moment, and leaves nothing", async () => {
    for (let round = 0; round < 10; round += 1) {
      const [left, other] = [friends.person(), friends.person()];
      await Promise.allSettled([
        take(other, "Request", left),
        handle(left.id),
        take(left, "Request", other),
      ]);
      assert.equal(await relationTo(other, left), "none");
    }
  });
});
