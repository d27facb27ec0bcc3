import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { relationLimits } from "./domain.ts";
import { act, relationsOf, type TestFriendUser, testFriends } from "./testing.ts";

describe("the relations of a user", () => {
  const friends = testFriends();
  const two = (): [TestFriendUser, TestFriendUser] => [friends.newUser(), friends.newUser()];

  /** Inserts new users, each with the relation to the given user. */
  async function insertRelated(
    { id }: TestFriendUser,
    relation: string,
    mirror: string,
    count: number,
  ) {
    await friends.db("friends")`
      insert into pair (low_id, high_id, low_relation, high_relation, low_since, high_since)
      select ${id}, ('ffffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${relation},
             ${mirror}, now(), ${mirror === "none" ? null : new Date()}
      from generate_series(1, ${count}::int) as n`;
  }

  describe("have limits", () => {
    it("on open requests", async () => {
      const [ada, bruno] = two();
      await insertRelated(ada, "outgoing", "incoming", (relationLimits.outgoing ?? 0) - 1);
      await act(ada, "Request", bruno);
      const clara = friends.newUser();
      const full = act(ada, "Request", clara);
      const refusal = await assertRefused(full, Code.FailedPrecondition, "TOO_MANY_OPEN_REQUESTS");
      assert.equal(refusal.findDetails(ErrorInfoSchema)[0]?.metadata["limit"], "500");
      await act(clara, "Request", ada);
      await act(ada, "Request", clara);
      await act(ada, "Withdraw", bruno);
      await act(ada, "Request", bruno);
    });

    it("hold under concurrent requests", async () => {
      const ada = friends.newUser();
      await insertRelated(ada, "outgoing", "incoming", (relationLimits.outgoing ?? 0) - 5);
      const others = Array.from({ length: 20 }, () => friends.newUser());
      // So that as many connections are open as the race takes.
      await Promise.all(others.map((one) => act(one, "Decline", ada)));
      const outcomes = await Promise.allSettled(others.map((one) => act(ada, "Request", one)));
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 5);
    });

    it("on friends of either user", async () => {
      const [ada, bruno] = two();
      await insertRelated(ada, "confirmed", "confirmed", relationLimits.confirmed ?? 0);
      await act(ada, "Request", bruno);
      const theirs = act(bruno, "Confirm", ada);
      await assertRefused(theirs, Code.FailedPrecondition, "THEY_HAVE_TOO_MANY_FRIENDS");
      const clara = friends.newUser();
      await act(clara, "Request", ada);
      const mine = act(ada, "Confirm", clara);
      await assertRefused(mine, Code.FailedPrecondition, "TOO_MANY_FRIENDS");
      assert.deepEqual(await relationsOf(ada, clara), { mine: "incoming", theirs: "outgoing" });
    });

    it("on blocked users", async () => {
      const [ada, bruno] = two();
      await insertRelated(ada, "blocked", "none", relationLimits.blocked ?? 0);
      const call = act(ada, "Block", bruno);
      await assertRefused(call, Code.FailedPrecondition, "TOO_MANY_BLOCKED");
      await act(bruno, "Block", ada);
    });
  });
});
