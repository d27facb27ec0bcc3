import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { act, type TestFriendUser, testFriends } from "./testing.ts";

describe("reading relations", () => {
  const friends = testFriends();

  async function befriend(ada: TestFriendUser, other: TestFriendUser): Promise<void> {
    await act(ada, "Request", other);
    await act(other, "Confirm", ada);
  }

  async function allPages(ada: TestFriendUser, state: State, pageSize = 2): Promise<string[][]> {
    const pages: string[][] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await ada.client.listFriends({ state, pageSize, pageToken });
      pages.push(page.friends.map(({ userId }) => userId));
      pageToken = page.nextPageToken;
    }
    return pages;
  }

  describe("ListFriends", () => {
    it("lists each relation on its own, newest first, page by page", async () => {
      const people = Array.from({ length: 9 }, () => friends.newUser());
      // A user whose id sorts between the others, so that both halves of pairs are read.
      const ada = people.splice(4, 1)[0] ?? assert.fail();
      const ids = people.map(({ id }) => id).toReversed();
      for (const one of people) await act(one, "Request", ada);
      assert.deepEqual(await allPages(ada, State.INCOMING, 3), [
        ids.slice(0, 3),
        ids.slice(3, 6),
        ids.slice(6),
      ]);
      for (const one of people.slice(0, 4)) await act(ada, "Confirm", one);
      await act(ada, "Block", people[4] ?? ada);
      assert.deepEqual(await allPages(ada, State.CONFIRMED), [ids.slice(4, 6), ids.slice(6)]);
      assert.deepEqual(await allPages(ada, State.STATE_UNSPECIFIED), [
        ids.slice(4, 6),
        ids.slice(6),
      ]);
      assert.deepEqual(await allPages(ada, State.INCOMING), [ids.slice(0, 2), ids.slice(2, 3)]);
      assert.deepEqual(await allPages(ada, State.BLOCKED), [[ids[3]]]);
      assert.deepEqual(await allPages(ada, State.OUTGOING), [[]]);
      assert.deepEqual(await allPages(people[5] ?? ada, State.OUTGOING), [[ada.id]]);
      assert.deepEqual(await allPages(people[4] ?? ada, State.OUTGOING), [[]]);
    });

    it("lists all users of the same millisecond", async () => {
      const ada = friends.newUser();
      const others = Array.from({ length: 7 }, () => friends.newUser());
      for (const one of others) await act(one, "Request", ada);
      await friends.db("friends")`
        update pair set low_since = '2026-03-01T12:00:00Z', high_since = '2026-03-01T12:00:00Z'
        where ${ada.id} in (low_id, high_id)`;
      const pages = await allPages(ada, State.INCOMING);
      assert.deepEqual(pages.flat(), others.map(({ id }) => id).toReversed());
      assert.equal(pages.length, 4);
    });

    it("returns start and card when the mask selects them", async () => {
      const [ada, bruno] = [friends.newUser(), friends.newUser()];
      const before = Date.now();
      await befriend(ada, bruno);
      const read = async (...paths: string[]): Promise<Relation> => {
        const { friends } = await ada.client.listFriends({ readMask: { paths } });
        return friends[0] ?? assert.fail();
      };
      const whole = await read();
      assert.deepEqual([whole.userId, whole.state], [bruno.id, State.CONFIRMED]);
      const since = whole.sinceTime ? timestampDate(whole.sinceTime).getTime() : 0;
      assert.ok(since >= before && since <= Date.now());
      assert.equal(whole.user?.nickname, `nick_${bruno.id.slice(-4)}`);
      const named = await read("user.nickname");
      assert.deepEqual([named.userId, named.user?.id], ["", ""]);
      assert.notEqual(named.user?.nickname, "");
      assert.equal((await read("user_id")).user, undefined);
    });

    it("refuses with a reason", async () => {
      const { client } = friends.newUser();
      const wrong = client.listFriends({ readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const key = Buffer.from('["yesterday","x"]').toString("base64url");
      for (const pageToken of ["x", key]) {
        const call = client.listFriends({ pageToken });
        await assertRefused(call, Code.InvalidArgument, "BAD_PAGE_TOKEN");
      }
      const unknown = client.listFriends({ state: 9 as State });
      await assertRefused(unknown, Code.InvalidArgument, "INVALID_REQUEST");
      const nobody = friends.anonymousClient().listFriends({});
      await assertRefused(nobody, Code.Unauthenticated, "NOT_SIGNED_IN");
    });
  });

  describe("BatchGetRelations", () => {
    it("returns all in the order of the request, strangers included", async () => {
      const ada = friends.newUser();
      const [friend, asked, blocked, blocker] = Array.from({ length: 4 }, () => friends.newUser());
      assert.ok(friend && asked && blocked && blocker);
      await befriend(ada, friend);
      await act(ada, "Request", asked);
      await act(ada, "Block", blocked);
      await act(blocker, "Block", ada);
      const stranger = randomUUID();
      const userIds = [blocked.id.toUpperCase(), stranger, friend.id, blocker.id, asked.id, ada.id];
      const { relations } = await ada.client.batchGetRelations({ userIds });
      assert.deepEqual(
        relations.map(({ userId, state }) => [userId, state]),
        [
          [blocked.id, State.BLOCKED],
          [stranger, State.STATE_UNSPECIFIED],
          [friend.id, State.CONFIRMED],
          [blocker.id, State.STATE_UNSPECIFIED],
          [asked.id, State.OUTGOING],
          [ada.id, State.STATE_UNSPECIFIED],
        ],
      );
    });

    it("refuses with a reason", async () => {
      const { client } = friends.newUser();
      for (const userIds of [[], ["me"], Array.from({ length: 101 }, () => randomUUID())]) {
        const call = client.batchGetRelations({ userIds });
        await assertRefused(call, Code.InvalidArgument, "INVALID_REQUEST");
      }
    });
  });

  describe("BatchGetPairs", () => {
    it("returns both directions of each pair", async () => {
      const [ada, bruno, clara] = Array.from({ length: 3 }, () => friends.newUser());
      assert.ok(ada && bruno && clara);
      await befriend(ada, bruno);
      await act(clara, "Block", ada);
      const ask = [
        [ada, bruno],
        [ada, clara],
        [clara, ada],
        [bruno, clara],
      ] as const;
      const { pairs } = await friends.serviceClient().batchGetPairs({
        pairs: ask.map(([one, other]) => ({ userId: one.id, otherId: other.id })),
      });
      assert.deepEqual(
        pairs.map(({ userId, otherId, state, otherState }) => [userId, otherId, state, otherState]),
        [
          [ada.id, bruno.id, State.CONFIRMED, State.CONFIRMED],
          [ada.id, clara.id, State.STATE_UNSPECIFIED, State.BLOCKED],
          [clara.id, ada.id, State.BLOCKED, State.STATE_UNSPECIFIED],
          [bruno.id, clara.id, State.STATE_UNSPECIFIED, State.STATE_UNSPECIFIED],
        ],
      );
    });

    it("is for services only", async () => {
      const ada = friends.newUser();
      const call = ada.client.batchGetPairs({ pairs: [{ userId: ada.id, otherId: ada.id }] });
      await assertRefused(call, Code.PermissionDenied, "SERVICE_ONLY");
    });
  });
});
