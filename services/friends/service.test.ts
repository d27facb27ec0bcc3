import assert from "node:assert/strict";
import { randomUUIDv7 } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { testPlaza } from "@plaza/kit/testing";
import { assertRefused } from "@plaza/kit/testing-refusal";
import { friends } from "./main.ts";

describe("FriendService", () => {
  const plaza = testPlaza({ services: [friends] });
  const owner = { account: { id: randomUUIDv7() } };
  const stranger = { account: { id: randomUUIDv7() } };

  it("gives an owner what they wrote", async () => {
    const client = plaza.client(FriendService, owner);
    const { id } = await client.createFriend({ text: " buy chalk " });
    assert.equal((await client.getFriend({ id })).text, "buy chalk");
  });

  it("keeps a friend from strangers, but not from admins", async () => {
    const { id } = await plaza.client(FriendService, owner).createFriend({ text: "mine" });
    const admin = { account: { id: randomUUIDv7(), roles: ["admin"] } };
    assert.equal((await plaza.client(FriendService, admin).getFriend({ id })).text, "mine");
    const reading = plaza.client(FriendService, stranger).getFriend({ id });
    await assertRefused(reading, Code.PermissionDenied, "NOT_YOUR_FRIEND");
  });

  it("says so when there is no such friend", async () => {
    const reading = plaza.client(FriendService, owner).getFriend({ id: randomUUIDv7() });
    await assertRefused(reading, Code.NotFound, "NO_SUCH_FRIEND");
  });

  it("makes and announces a friend once, however often the request is repeated", async () => {
    const request = { text: "once", idempotencyKey: "key" };
    const client = plaza.client(FriendService, owner);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => client.createFriend(request)),
    );
    assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
    const events = await plaza.db("friends")`
      select type from event where aggregate_id = ${answers[0]?.id ?? ""}`;
    assert.deepEqual([...events], [{ type: "plaza.friends.v1.FriendCreated" }]);
    const other = client.createFriend({ ...request, text: "other" });
    await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
  });
});
