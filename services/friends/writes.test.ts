import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { UserService } from "@plaza/contract/users/v1/users";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { stub } from "@plaza/kit/testing/plaza";
import { act, relationsOf, type TestFriendUser, testFriends } from "./testing.ts";
import { replayEvents } from "./testing-replay.ts";

const strangers = { mine: "none", theirs: "none" } as const;
const areFriends = { mine: "confirmed", theirs: "confirmed" } as const;

describe("the actions between two users", () => {
  const friends = testFriends();
  const two = (): [TestFriendUser, TestFriendUser] => [friends.newUser(), friends.newUser()];

  async function befriended(): Promise<[TestFriendUser, TestFriendUser]> {
    const [ada, bruno] = two();
    await act(ada, "Request", bruno);
    await act(bruno, "Confirm", ada);
    return [ada, bruno];
  }

  async function told(ada: TestFriendUser, bruno: TestFriendUser): Promise<[string, string][]> {
    const events = await friends.eventsBetween(ada, bruno);
    return events.map(([event, doer]) => [event, doer === ada ? "ada" : "bruno"]);
  }

  it("lead from a request to a friendship and back, each visible to both and published", async () => {
    const [ada, bruno] = two();
    const asked = await act(ada, "Request", bruno);
    assert.deepEqual([asked.userId, asked.state], [bruno.id, State.OUTGOING]);
    assert.notEqual(asked.sinceTime, undefined);
    assert.deepEqual(await relationsOf(ada, bruno), { mine: "outgoing", theirs: "incoming" });
    const confirmed = await act(bruno, "Confirm", ada);
    assert.deepEqual([confirmed.userId, confirmed.state], [ada.id, State.CONFIRMED]);
    assert.deepEqual(await relationsOf(ada, bruno), areFriends);
    const ended = await act(ada, "Remove", bruno);
    assert.deepEqual([ended.state, ended.sinceTime], [State.STATE_UNSPECIFIED, undefined]);
    assert.deepEqual(await relationsOf(ada, bruno), strangers);
    assert.deepEqual(await told(ada, bruno), [
      ["FriendshipRequested", "ada"],
      ["FriendshipConfirmed", "bruno"],
      ["FriendshipEnded", "ada"],
    ]);
  });

  it("let a request be declined or withdrawn, and repeated", async () => {
    const [ada, bruno] = two();
    await act(ada, "Request", bruno);
    await act(bruno, "Decline", ada);
    await act(ada, "Request", bruno);
    await act(ada, "Withdraw", bruno);
    await act(bruno, "Request", ada);
    assert.deepEqual(await relationsOf(ada, bruno), { mine: "incoming", theirs: "outgoing" });
    assert.deepEqual(await told(ada, bruno), [
      ["FriendshipRequested", "ada"],
      ["FriendshipDeclined", "bruno"],
      ["FriendshipRequested", "ada"],
      ["FriendshipWithdrawn", "ada"],
      ["FriendshipRequested", "bruno"],
    ]);
  });

  it("can be repeated: the same response, no second event", async () => {
    const [ada, bruno] = two();
    for (const [who, action, whom] of [
      [ada, "Request", bruno],
      [bruno, "Confirm", ada],
      [ada, "Remove", bruno],
      [ada, "Block", bruno],
      [ada, "Unblock", bruno],
    ] as const) {
      const first = await act(who, action, whom);
      const again = await Promise.all(Array.from({ length: 10 }, () => act(who, action, whom)));
      for (const one of again) assert.deepEqual(one, first, action);
    }
    assert.equal((await told(ada, bruno)).length, 5);
  });

  it("find users by nickname and by id, in any case", async () => {
    const ada = friends.newUser();
    const clara = friends.newUser("clara");
    const { userId } = await ada.client.requestFriendship({ nickname: "Clara" });
    assert.equal(userId, clara.id);
    const confirmed = await clara.client.confirmFriendship({ userId: ada.id.toUpperCase() });
    assert.equal(confirmed.userId, ada.id);
    assert.deepEqual(await relationsOf(ada, clara), areFriends);
  });

  it("make friends of two users who request each other, in turn or concurrently", async () => {
    const [ada, bruno] = two();
    await act(ada, "Request", bruno);
    assert.equal((await act(bruno, "Request", ada)).state, State.CONFIRMED);
    for (let round = 0; round < 20; round += 1) {
      const [clara, dmitri] = two();
      await Promise.all([act(clara, "Request", dmitri), act(dmitri, "Request", clara)]);
      assert.deepEqual(await relationsOf(clara, dmitri), areFriends);
      const events = (await told(clara, dmitri)).map(([event]) => event);
      assert.deepEqual(events, ["FriendshipRequested", "FriendshipConfirmed"]);
    }
  });

  it("are serialised when 32 run concurrently between two users", async () => {
    const actions = [
      "Request",
      "Confirm",
      "Remove",
      "Decline",
      "Withdraw",
      "Block",
      "Unblock",
    ] as const;
    for (let round = 0; round < 5; round += 1) {
      const [ada, bruno] = two();
      const taking = Array.from({ length: 32 }, (_, n) => {
        const action = actions[(n + round) % actions.length] ?? "Request";
        return n % 2 === 0 ? act(ada, action, bruno) : act(bruno, action, ada);
      });
      for (const outcome of await Promise.allSettled(taking)) {
        const isBug = outcome.status === "rejected" && reasonOf(outcome.reason) === undefined;
        assert.ok(!isBug, String(outcome));
      }
      const events = await friends.eventsBetween(ada, bruno);
      assert.deepEqual(replayEvents(strangers, ada, events), await relationsOf(ada, bruno));
    }
  });

  it("cause no deadlocks between many users", async () => {
    const people = Array.from({ length: 8 }, () => friends.newUser());
    const pairs = people.flatMap((one, index) =>
      people.slice(index + 1).flatMap((other) => [[one, other] as const, [other, one] as const]),
    );
    await Promise.all(pairs.map(([one, other]) => act(one, "Decline", other)));
    await Promise.all(pairs.map(([one, other]) => act(one, "Request", other)));
    for (const [one, other] of pairs) assert.deepEqual(await relationsOf(one, other), areFriends);
  });

  describe("of a block", () => {
    it("end a friendship and a request in either direction", async () => {
      for (const before of ["friends", "requested", "received"]) {
        const [ada, bruno] = before === "friends" ? await befriended() : two();
        if (before === "requested") await act(ada, "Request", bruno);
        if (before === "received") await act(bruno, "Request", ada);
        assert.equal((await act(ada, "Block", bruno)).state, State.BLOCKED);
        assert.deepEqual(await relationsOf(ada, bruno), { mine: "blocked", theirs: "none" });
        await act(ada, "Unblock", bruno);
        assert.deepEqual(await relationsOf(ada, bruno), strangers, before);
      }
    });

    it("are hidden from the blocked, who gets the error for an unknown user", async () => {
      const ada = friends.newUser("ada_blocks");
      const bruno = friends.newUser();
      await act(ada, "Block", bruno);
      const refusalOf = async (request: { userId: string } | { nickname: string }) => {
        const call = bruno.client.requestFriendship(request);
        return assertRefused(call, Code.NotFound, "NO_SUCH_USER");
      };
      const unknown = [
        await refusalOf({ userId: randomUUID() }),
        await refusalOf({ nickname: "nobody" }),
      ];
      for (const blocked of [
        await refusalOf({ userId: ada.id }),
        await refusalOf({ nickname: "ada_blocks" }),
      ]) {
        for (const one of unknown) {
          assert.deepEqual([blocked.message, blocked.details], [one.message, one.details]);
        }
      }
      for (const action of ["Decline", "Withdraw", "Remove", "Unblock"] as const) {
        assert.equal((await act(bruno, action, ada)).state, State.STATE_UNSPECIFIED);
      }
      await assertRefused(act(bruno, "Confirm", ada), Code.NotFound, "NO_SUCH_REQUEST");
      for (const state of [State.CONFIRMED, State.INCOMING, State.OUTGOING, State.BLOCKED]) {
        assert.deepEqual((await bruno.client.listFriends({ state })).friends, []);
      }
    });

    it("work in both directions, each removed by its blocker, invisible to the other", async () => {
      const [ada, bruno] = two();
      const first = await act(ada, "Block", bruno);
      await act(bruno, "Block", ada);
      assert.deepEqual(await relationsOf(ada, bruno), { mine: "blocked", theirs: "blocked" });
      assert.deepEqual(await act(ada, "Block", bruno), first);
      await act(ada, "Unblock", bruno);
      assert.deepEqual(await relationsOf(ada, bruno), { mine: "none", theirs: "blocked" });
      await assertRefused(act(ada, "Request", bruno), Code.NotFound, "NO_SUCH_USER");
      await act(bruno, "Unblock", ada);
      await act(ada, "Request", bruno);
      assert.deepEqual(await relationsOf(ada, bruno), { mine: "outgoing", theirs: "incoming" });
    });

    it("must be removed before a request", async () => {
      const [ada, bruno] = two();
      await act(ada, "Block", bruno);
      const call = () => act(ada, "Request", bruno);
      await assertRefused(call(), Code.FailedPrecondition, "USER_BLOCKED");
      await act(bruno, "Block", ada);
      await assertRefused(call(), Code.FailedPrecondition, "USER_BLOCKED");
    });

    it("work for unknown users", async () => {
      const ada = friends.newUser();
      const { state } = await ada.client.blockUser({ userId: randomUUID() });
      assert.equal(state, State.BLOCKED);
    });
  });

  it("refuse with a reason, and change nothing", async () => {
    const [ada, bruno] = two();
    const gone = friends.newUser();
    friends.deactivate(gone.id);
    const request = (init: object) => ada.client.requestFriendship(init);
    await assertRefused(request({ userId: gone.id }), Code.NotFound, "NO_SUCH_USER");
    await assertRefused(request({ userId: randomUUID() }), Code.NotFound, "NO_SUCH_USER");
    await assertRefused(request({ nickname: "nobody" }), Code.NotFound, "NO_SUCH_USER");
    await assertRefused(request({}), Code.InvalidArgument, "FIELD_REQUIRED");
    await assertRefused(request({ userId: "me" }), Code.InvalidArgument, "INVALID_REQUEST");
    for (const action of ["Request", "Confirm", "Decline", "Block", "Unblock"] as const) {
      await assertRefused(act(ada, action, ada), Code.InvalidArgument, "NOT_YOURSELF");
    }
    await assertRefused(act(ada, "Confirm", bruno), Code.NotFound, "NO_SUCH_REQUEST");
    await act(ada, "Request", bruno);
    await assertRefused(act(ada, "Confirm", bruno), Code.NotFound, "NO_SUCH_REQUEST");
    await act(bruno, "Confirm", ada);
    for (const action of ["Decline", "Withdraw"] as const) {
      await assertRefused(act(ada, action, bruno), Code.FailedPrecondition, "ALREADY_FRIENDS");
    }
    const nobody = friends.anonymousClient().blockUser({ userId: ada.id });
    await assertRefused(nobody, Code.Unauthenticated, "NOT_SIGNED_IN");
    assert.equal((await told(ada, bruno)).length, 2);
    assert.deepEqual(await told(ada, gone), []);
  });
});

describe("while auth is unavailable", () => {
  const auth = stub(AuthService, {
    async filterActiveAccounts() {
      throw new ConnectError("auth is down", Code.Unavailable);
    },
  });
  const friends = testFriends({ stubs: [auth, stub(UserService, {})] });

  it("requests are refused, and blocks are not", async () => {
    const [ada, bruno] = [friends.newUser(), friends.newUser()];
    const isUnavailable = (err: ConnectError) => err.code === Code.Unavailable;
    await assert.rejects(act(ada, "Request", bruno), isUnavailable);
    await act(ada, "Block", bruno);
    assert.deepEqual(await relationsOf(ada, bruno), { mine: "blocked", theirs: "none" });
  });
});
