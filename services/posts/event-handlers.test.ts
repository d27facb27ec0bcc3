import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { PostDeletedSchema } from "@plaza/contract/posts/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { Fault } from "@plaza/kit/errors/fault";
import { maxUuid } from "@plaza/kit/rpc/pagination";
import { testDatabase } from "@plaza/kit/testing/db";
import { createPosts } from "./create-posts.ts";
import { newPost, type PostDraft } from "./domain.ts";
import { postEventHandlers } from "./event-handlers.ts";
import * as store from "./store.ts";

describe("UserDeleted", () => {
  const pool = testDatabase(new URL("./migrations/", import.meta.url));
  const draftBy = (authorId: string): PostDraft => ({
    post: newPost(randomUUID(), authorId, { title: "A title", body: "A body" }, new Date()),
    idempotencyKey: null,
    requestDigest: null,
  });
  const handle = (userId: string) =>
    pool().begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId });
      for (const follow of postEventHandlers) await follow.handle(tx, event as never);
    });

  it("deletes the posts of the user, no others, and publishes each deletion", async () => {
    const [left, stayed] = [randomUUID(), randomUUID()];
    const drafts = [left, left, stayed, left].map(draftBy);
    await store.insertPosts(pool(), drafts);
    await handle(left);
    const remaining = await store.listPosts(pool(), maxUuid, 10);
    assert.deepEqual(
      remaining.map(({ authorId }) => authorId),
      [stayed],
    );
    const events = await pool()<{ aggregateId: string }[]>`
      select aggregate_id from event where type = ${PostDeletedSchema.typeName}`;
    const gone = drafts.filter(({ post }) => post.authorId === left).map(({ post }) => post.id);
    assert.deepEqual(events.map(({ aggregateId }) => aggregateId).sort(), gone.sort());
  });

  it("leaves no post of a write that arrives with the event or after it", async () => {
    const [left, stayed] = [randomUUID(), randomUUID()];
    const write = () =>
      pool().begin((tx) => createPosts(tx, [draftBy(stayed), draftBy(left), draftBy(stayed)]));
    const pending: ReturnType<typeof write>[] = [];
    await pool().begin(async (tx) => {
      const event = create(UserDeletedSchema, { userId: left });
      for (const follow of postEventHandlers) await follow.handle(tx, event as never);
      pending.push(write());
      await sleep(100);
    });
    for (const results of [...(await Promise.all(pending)), await write()]) {
      const reasons = results.map((one) => (one instanceof Fault ? one.reason : "created"));
      assert.deepEqual(reasons, ["created", "INVALID_SESSION", "created"]);
    }
    assert.equal((await store.listPostsByAuthor(pool(), left, maxUuid, 10)).length, 0);
  });

  it("deletes the post of a write that began before the event", async () => {
    const left = randomUUID();
    const handled: Promise<void>[] = [];
    await pool().begin(async (tx) => {
      await createPosts(tx, [draftBy(left)]);
      handled.push(handle(left));
      await sleep(100);
    });
    await Promise.all(handled);
    assert.equal((await store.listPostsByAuthor(pool(), left, maxUuid, 10)).length, 0);
  });

  it("does nothing for an author without posts", async () => {
    const count = async () => (await pool()`select from event`).count;
    const before = await count();
    await handle(randomUUID());
    assert.equal(await count(), before);
  });
});
