import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { UserService } from "@plaza/contract/users/v1/users";
import { assertRefused, metadataOf } from "@plaza/kit/testing/assert-refused";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { posts } from "./main.ts";

describe("writing posts", () => {
  const plaza = testPlaza({ services: [posts], stubs: [stub(UserService, {})] });
  const as = (id: string, ...roles: string[]) =>
    plaza.client(PostService, { account: { id, roles: ["member", ...roles] } });
  const text = { title: "Cake", body: "With **plums**." };

  async function published() {
    const authorId = randomUUID();
    const author = as(authorId);
    return { authorId, author, post: await author.createPost(text) };
  }

  async function eventsAbout(postId: string): Promise<string[]> {
    const rows = await plaza.db("posts")<{ type: string }[]>`
      select type from event where aggregate_id = ${postId} order by sequence`;
    return rows.map(({ type }) => type.replace("plaza.posts.v1.", ""));
  }

  async function countEvents(): Promise<number> {
    return (await plaza.db("posts")`select from event`).count;
  }

  async function countPosts(authorId: string): Promise<number> {
    const { posts } = await plaza.client(PostService).listPosts({ authorId, pageSize: 100 });
    return posts.length;
  }

  describe("CreatePost", () => {
    it("returns the post, stores it and publishes PostCreated", async () => {
      const { authorId, post } = await published();
      assert.equal(post.authorId, authorId);
      assert.equal(post.title, "Cake");
      assert.equal(post.body, "With **plums**.");
      assert.equal(post.excerpt, "With plums.");
      assert.deepEqual(await plaza.client(PostService).getPost({ id: post.id }), post);
      assert.deepEqual(await eventsAbout(post.id), ["PostCreated"]);
    });

    it("keeps the spaces of a body, and refuses one that no page can render", async () => {
      const author = as(randomUUID());
      const body = "    code\n\ntext\n";
      const post = await author.createPost({ title: "Code", body });
      assert.equal(post.body, body);
      const nested = { title: "Nested", body: "> ".repeat(1_000) };
      const update = { post: { ...nested, id: post.id }, updateMask: { paths: ["body"] } };
      for (const write of [() => author.createPost(nested), () => author.updatePost(update)]) {
        const error = await assertRefused(write(), Code.InvalidArgument, "MARKDOWN_TOO_COMPLEX");
        assert.match(error.rawMessage, /^post\.body: must not nest quotes, lists or emphasis/);
      }
    });

    it("creates one post per key, also under concurrent requests", async () => {
      const authorId = randomUUID();
      const request = { ...text, idempotencyKey: "once" };
      const eventsBefore = await countEvents();
      const atOnce = Array.from({ length: 20 }, () => as(authorId).createPost(request));
      const answers = [...(await Promise.all(atOnce)), await as(authorId).createPost(request)];
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal(await countPosts(authorId), 1);
      assert.deepEqual(await eventsAbout(answers[0]?.id ?? ""), ["PostCreated"]);
      assert.equal(await countEvents(), eventsBefore + 1);
    });

    it("returns the current post to a retry, also after an edit", async () => {
      const author = as(randomUUID());
      const request = { ...text, idempotencyKey: "edited" };
      const { id } = await author.createPost(request);
      await author.updatePost({ post: { id, title: "Pie" }, updateMask: { paths: ["title"] } });
      const retry = await author.createPost(request);
      assert.deepEqual([retry.id, retry.title], [id, "Pie"]);
    });

    it("refuses another request under the same key, and that one alone", async () => {
      const authorId = randomUUID();
      const [first, second, third] = await Promise.allSettled([
        as(authorId).createPost({ ...text, idempotencyKey: "key" }),
        as(authorId).createPost({ ...text, title: "Pie", idempotencyKey: "key" }),
        as(authorId).createPost(text),
      ]);
      assert.equal(third.status, "fulfilled");
      const refused = [first, second].find(({ status }) => status === "rejected");
      assert.ok(refused?.status === "rejected");
      await assertRefused(Promise.reject(refused.reason), Code.AlreadyExists, "KEY_REUSED");
      assert.equal(await countPosts(authorId), 2);
    });

    it("has separate keys for each author", async () => {
      const request = { ...text, idempotencyKey: "shared" };
      const answers = await Promise.all(
        [randomUUID(), randomUUID()].map((id) => as(id).createPost(request)),
      );
      assert.notEqual(answers[0]?.id, answers[1]?.id);
    });

    it("commits the posts of one turn in few transactions, and returns to each caller their post", async () => {
      const authorId = randomUUID();
      const titles = Array.from({ length: 100 }, (_, n) => `title ${n}`);
      const author = as(authorId);
      const answers = await Promise.all(
        titles.map((title) => author.createPost({ ...text, title })),
      );
      assert.deepEqual(
        answers.map(({ title }) => title),
        titles,
      );
      const [count] = await plaza.db("posts")<{ transactions: number }[]>`
        select count(distinct transaction)::int as transactions from event
        where aggregate_id = any(${answers.map(({ id }) => id)}::text[])`;
      assert.ok(count && count.transactions <= 20, `${count?.transactions} transactions`);
    });

    it("accepts a word that is too long for the index", async () => {
      const post = await as(randomUUID()).createPost({ title: "Long", body: "w".repeat(20_000) });
      assert.equal(post.body.length, 20_000);
    });

    it("refuses blank and overlong texts, and callers who are not signed in", async () => {
      const author = as(randomUUID());
      for (const wrong of [
        { title: " " },
        { title: "t".repeat(126) },
        { body: "\n" },
        { body: "b".repeat(20_001) },
      ]) {
        await assertRefused(
          author.createPost({ ...text, ...wrong }),
          Code.InvalidArgument,
          "INVALID_REQUEST",
        );
      }
      const nobody = plaza.client(PostService);
      await assertRefused(nobody.createPost(text), Code.Unauthenticated, "NOT_SIGNED_IN");
    });
  });

  describe("UpdatePost", () => {
    it("changes the fields of the mask and no others", async () => {
      const { author, post } = await published();
      const changed = await author.updatePost({
        post: { id: post.id.toUpperCase(), title: " Pie ", body: "ignored" },
        updateMask: { paths: ["title"] },
      });
      assert.deepEqual([changed.title, changed.body], ["Pie", "With **plums**."]);
      assert.deepEqual(changed.createTime, post.createTime);
      assert.deepEqual(await plaza.client(PostService).getPost({ id: post.id }), changed);
    });

    it("lets an admin", async () => {
      const { post } = await published();
      const request = {
        post: { id: post.id, body: "Moderated." },
        updateMask: { paths: ["body"] },
      };
      const changed = await as(randomUUID(), "admin").updatePost(request);
      assert.deepEqual([changed.authorId, changed.excerpt], [post.authorId, "Moderated."]);
    });

    it("keeps two concurrent changes", async () => {
      const { author, post } = await published();
      for (let round = 0; round < 10; round += 1) {
        const values = { id: post.id, title: `title ${round}`, body: `body ${round}` };
        await Promise.all(
          ["title", "body"].map((path) =>
            author.updatePost({ post: values, updateMask: { paths: [path] } }),
          ),
        );
        const { title, body } = await author.getPost({ id: post.id });
        assert.deepEqual([title, body], [values.title, values.body]);
      }
    });

    it("lets one of several who read the same text change it, and tells the others", async () => {
      const { author, post } = await published();
      const { id, etag } = post;
      const change = (title: string, expected: string) =>
        author.updatePost({
          post: { id, title, etag: expected },
          updateMask: { paths: ["title"] },
        });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) => change(`title ${n}`, etag)),
      );
      const winners = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(winners.length, 1);
      const now = await author.getPost({ id });
      assert.deepEqual([now.title, now.etag], [winners[0]?.title, winners[0]?.etag]);
      await assertRefused(change("stale", etag), Code.Aborted, "ETAG_MISMATCH");
      await assertRefused(author.deletePost({ id, etag }), Code.Aborted, "ETAG_MISMATCH");
      assert.equal((await change("fresh", now.etag)).title, "fresh");
      assert.equal((await change("any", "")).title, "any");
    });

    it("refuses with a reason", async () => {
      const { author, post } = await published();
      const { id } = post;
      const change = (paths: string[], values = {}) =>
        author.updatePost({ post: { id, ...values }, updateMask: { paths } });
      const other = as(randomUUID()).updatePost({
        post: { id, title: "Pie" },
        updateMask: { paths: ["title"] },
      });
      await assertRefused(other, Code.PermissionDenied, "NOT_YOUR_POST");
      await assertRefused(change([]), Code.InvalidArgument, "EMPTY_UPDATE_MASK");
      await assertRefused(change(["name"]), Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      await assertRefused(change(["author_id"]), Code.InvalidArgument, "FIELD_NOT_WRITABLE");
      await assertRefused(change(["title"]), Code.InvalidArgument, "FIELD_REQUIRED");
      await assertRefused(change(["body"], { body: " " }), Code.InvalidArgument, "FIELD_REQUIRED");
      for (const missing of [randomUUID(), ""]) {
        await assertRefused(
          change(["title"], { id: missing, title: "Pie" }),
          Code.NotFound,
          "NO_SUCH_POST",
        );
      }
      assert.deepEqual(await author.getPost({ id }), post);
    });
  });

  describe("DeletePost", () => {
    it("deletes the post and publishes that, once", async () => {
      const { author, post } = await published();
      const outcomes = await Promise.allSettled(
        [1, 2, 3].map(() => author.deletePost({ id: post.id })),
      );
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      const gone = await assertRefused(
        author.getPost({ id: post.id.toUpperCase() }),
        Code.NotFound,
        "NO_SUCH_POST",
      );
      assert.deepEqual(metadataOf(gone), { deleted: "true" });
      const missing = await assertRefused(
        author.getPost({ id: randomUUID() }),
        Code.NotFound,
        "NO_SUCH_POST",
      );
      assert.deepEqual(metadataOf(missing), {});
      await assertRefused(author.deletePost({ id: post.id }), Code.NotFound, "NO_SUCH_POST");
      assert.deepEqual(await eventsAbout(post.id), ["PostCreated", "PostDeleted"]);
    });

    it("lets an admin, but no other member", async () => {
      const { post } = await published();
      const { id } = post;
      await assertRefused(
        as(randomUUID()).deletePost({ id }),
        Code.PermissionDenied,
        "NOT_YOUR_POST",
      );
      assert.deepEqual(await eventsAbout(id), ["PostCreated"]);
      await as(randomUUID(), "admin").deletePost({ id });
      assert.deepEqual(await eventsAbout(id), ["PostCreated", "PostDeleted"]);
    });
  });
});
