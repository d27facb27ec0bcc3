import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { SearchOrder } from "@plaza/contract/kit/v1/search";
import { type Post, PostService } from "@plaza/contract/posts/v1/posts";
import { type BatchGetUsersRequest, UserSchema, UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { posts } from "./main.ts";

const gone = "01980000-0000-7000-8000-00000000dead";

/** A stub of users whose names start like their ids. */
const users = {
  isDown: false,
  calls: [] as { ids: string[]; paths: string[] | undefined; authorization: string | null }[],
};

const userService = stub(UserService, {
  async batchGetUsers({ ids, readMask }: BatchGetUsersRequest, context) {
    const authorization = context.requestHeader.get("authorization");
    users.calls.push({ ids, paths: readMask?.paths, authorization });
    if (users.isDown) throw new ConnectError("users is down", Code.Unavailable);
    const found = ids.filter((id) => id !== gone);
    return { users: found.map((id) => ({ id, nickname: id.slice(0, 8) })) };
  },
  async getUser({ id, readMask }, context) {
    const authorization = context.requestHeader.get("authorization");
    users.calls.push({ ids: [id], paths: readMask?.paths, authorization });
    if (users.isDown) throw new ConnectError("users is down", Code.Unavailable);
    if (id === gone)
      throw toConnectError(new Fault("not_found", "NO_SUCH_USER", "gone"), "users.plaza");
    return create(UserSchema, { id, phone: authorization ? "+44 20 7946 0101" : "" });
  },
});

describe("reading posts", () => {
  const plaza = testPlaza({ services: [posts], stubs: [userService] });
  const anybody = () => plaza.client(PostService);
  const as = (id: string) => plaza.client(PostService, { account: { id } });

  beforeEach(() => {
    users.isDown = false;
    users.calls = [];
  });

  async function publish(
    title: string,
    authorId: string = randomUUID(),
    body = `All about **${title}**.`,
  ): Promise<Post> {
    const post = await as(authorId).createPost({ title, body });
    users.calls = [];
    return post;
  }

  describe("GetPost", () => {
    it("returns what the post's last write returned", async () => {
      const author = as(randomUUID());
      const created = await author.createPost({ title: "cake", body: "with plums" });
      assert.notEqual(created.author, undefined);
      assert.deepEqual(await anybody().getPost({ id: created.id }), created);
      const post = { id: created.id, title: "pie" };
      const updated = await author.updatePost({ post, updateMask: { paths: ["title"] } });
      assert.deepEqual(await anybody().getPost({ id: created.id }), updated);
    });

    it("returns the post with its author's card", async () => {
      const { id, authorId } = await publish("cake");
      const post = await anybody().getPost({ id: id.toUpperCase() });
      assert.deepEqual([post.title, post.excerpt], ["cake", "All about cake."]);
      assert.equal(post.author?.nickname, authorId.slice(0, 8));
    });

    it("calls users for cards as a service, once for all reads of a turn", async () => {
      const written = await Promise.all(["a", "b", "c"].map((title) => publish(title)));
      const ids = written.map(({ id }) => id);
      await Promise.all([...ids, ...ids].map((id) => anybody().getPost({ id })));
      assert.equal(users.calls.length, 1);
      const [call] = users.calls;
      assert.deepEqual(call?.ids.toSorted(), written.map(({ authorId }) => authorId).toSorted());
      assert.deepEqual(call?.paths, ["id", "nickname", "first_name", "last_name", "avatar_url"]);
      await as(randomUUID()).getPost({ id: ids[0] ?? "" });
      assert.equal(users.calls[1]?.authorization, null);
    });

    it("returns the fields of the mask, and calls users only for a selected author", async () => {
      const { id, title } = await publish("cake");
      const bare = await anybody().getPost({ id, readMask: { paths: ["title"] } });
      assert.deepEqual([bare.id, bare.title, bare.body, bare.author], ["", title, "", undefined]);
      assert.equal(users.calls.length, 0);
      const named = await anybody().getPost({ id, readMask: { paths: ["author.nickname"] } });
      assert.equal(named.title, "");
      assert.notEqual(named.author?.nickname, "");
      assert.equal(named.author?.id, "");
    });

    it("returns the post without a deleted author, or while users is unavailable", async () => {
      const orphan = await publish("orphan", gone);
      assert.equal((await anybody().getPost({ id: orphan.id })).author, undefined);
      const { id } = await publish("cake");
      users.isDown = true;
      const post = await anybody().getPost({ id });
      assert.deepEqual([post.title, post.author], ["cake", undefined]);
    });

    it("refuses with a reason", async () => {
      const { id } = await publish("cake");
      const wrong = anybody().getPost({ id, readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      await assertRefused(anybody().getPost({ id: randomUUID() }), Code.NotFound, "NO_SUCH_POST");
    });
  });

  describe("GetPostAuthor", () => {
    it("calls users as the caller, with the caller's mask", async () => {
      const { id, authorId } = await publish("cake");
      const readMask = { paths: ["phone"] };
      assert.equal(
        (await as(randomUUID()).getPostAuthor({ id, readMask })).phone,
        "+44 20 7946 0101",
      );
      assert.equal((await anybody().getPostAuthor({ id, readMask })).phone, "");
      const [signedIn, stranger] = users.calls;
      assert.match(signedIn?.authorization ?? "", /^Bearer /);
      assert.deepEqual([signedIn?.ids, signedIn?.paths], [[authorId], ["phone"]]);
      assert.equal(stranger?.authorization, null);
    });

    it("refuses with a reason", async () => {
      const { id } = await publish("orphan", gone);
      const unknown = anybody().getPostAuthor({ id: randomUUID() });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_POST");
      await assertRefused(anybody().getPostAuthor({ id }), Code.NotFound, "NO_SUCH_USER");
      const wrong = anybody().getPostAuthor({ id, readMask: { paths: ["title"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
    });

    it("passes on that users is unavailable", async () => {
      const { id } = await publish("cake");
      users.isDown = true;
      const call = anybody().getPostAuthor({ id });
      await assert.rejects(call, (err: ConnectError) => err.code === Code.Unavailable);
    });
  });

  describe("ListPosts", () => {
    it("lists one author's posts newest first, page by page, with authors", async () => {
      const authorId = randomUUID();
      const titles = ["one", "two", "three", "four", "five"];
      for (const title of titles) await publish(title, authorId);
      await publish("somebody else's");
      const pages = await allPages((pageToken) =>
        anybody().listPosts({ authorId, pageSize: 2, pageToken }),
      );
      assert.deepEqual(pages, [["five", "four"], ["three", "two"], ["one"]]);
      const { posts } = await anybody().listPosts({ authorId });
      assert.ok(posts.every(({ author }) => author?.nickname === authorId.slice(0, 8)));
    });

    it("lists all, in pages that concurrent changes do not shift", async () => {
      const authorId = randomUUID();
      const [oldest, older, newer] = [
        await publish("oldest", authorId),
        await publish("older", authorId),
        await publish("newer", authorId),
      ];
      const first = await anybody().listPosts({ pageSize: 2 });
      assert.deepEqual(
        first.posts.map(({ id }) => id),
        [newer.id, older.id],
      );
      await publish("newest", authorId);
      await as(authorId).deletePost({ id: older.id });
      const second = await anybody().listPosts({ pageSize: 1, pageToken: first.nextPageToken });
      assert.deepEqual(
        second.posts.map(({ id }) => id),
        [oldest.id],
      );
    });

    it("calls users once for a page, and not at all without authors in the mask", async () => {
      await publish("cake");
      await anybody().listPosts({ pageSize: 3 });
      assert.equal(users.calls.length, 1);
      const { posts } = await anybody().listPosts({ readMask: { paths: ["id", "excerpt"] } });
      assert.equal(users.calls.length, 1);
      assert.ok(posts.every(({ id, title }) => id !== "" && title === ""));
    });

    it("refuses with a reason", async () => {
      const forged = Buffer.from('["1\'; drop table post"]').toString("base64url");
      for (const pageToken of ["x", forged]) {
        const call = anybody().listPosts({ pageToken });
        await assertRefused(call, Code.InvalidArgument, "BAD_PAGE_TOKEN");
      }
      const wrong = anybody().listPosts({ readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      await assertRefused(
        anybody().listPosts({ pageSize: 101 }),
        Code.InvalidArgument,
        "INVALID_REQUEST",
      );
    });
  });

  describe("SearchPosts", () => {
    const search = async (query: string) => {
      const { posts } = await anybody().searchPosts({ query });
      return posts.map(({ title }) => title);
    };

    it("finds words of title and body in any case, newest first, page by page", async () => {
      for (const title of ["Quince jam", "quince jelly", "QUINCE trees"]) await publish(title);
      const pages = await allPages((pageToken) =>
        anybody().searchPosts({ query: "Quince about", pageSize: 2, pageToken }),
      );
      assert.deepEqual(pages, [["QUINCE trees", "quince jelly"], ["Quince jam"]]);
    });

    it("gives the best match first by choice, page by page", async () => {
      for (const [title, body] of [
        ["loquat", "loquat loquat"],
        ["a loquat, among others", "words"],
        ["about trees", `a loquat, ${"and other trees, ".repeat(50)}`],
        ["of no fruit", "text"],
      ] as const) {
        await publish(title, undefined, body);
      }
      const order = SearchOrder.RELEVANCE;
      const pages = await allPages((pageToken) =>
        anybody().searchPosts({ query: "loquat", pageSize: 2, pageToken, order }),
      );
      assert.deepEqual(pages, [["loquat", "a loquat, among others"], ["about trees"]]);
      const newest = await anybody().searchPosts({ query: "loquat", pageSize: 1 });
      const { nextPageToken: pageToken } = newest;
      const wrongToken = anybody().searchPosts({
        query: "loquat",
        order,
        pageToken,
      });
      await assertRefused(wrongToken, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    });

    it("understands phrases, or, and excluded words", async () => {
      for (const title of ["medlar in snow", "snow on medlar"]) await publish(title);
      assert.deepEqual(await search('"medlar in snow"'), ["medlar in snow"]);
      assert.deepEqual(await search("medlar -on"), ["medlar in snow"]);
      assert.deepEqual(await search("nothing or medlar"), ["snow on medlar", "medlar in snow"]);
    });

    it("finds the current text of a post, and accepts any query", async () => {
      const authorId = randomUUID();
      const { id } = await publish("persimmon", authorId);
      const changed = { id, title: "rhubarb", body: "b" };
      await as(authorId).updatePost({ post: changed, updateMask: { paths: ["title", "body"] } });
      assert.deepEqual([await search("persimmon"), await search("rhubarb")], [[], ["rhubarb"]]);
      for (const query of ['"', "-", "a & | ! <-> (", "' or 1=1 --", "%", "\\"])
        await search(query);
    });

    it("refuses with a reason", async () => {
      const badToken = anybody().searchPosts({ query: "a", pageToken: "x" });
      await assertRefused(badToken, Code.InvalidArgument, "BAD_PAGE_TOKEN");
      const badMask = anybody().searchPosts({ query: "a", readMask: { paths: ["name"] } });
      await assertRefused(badMask, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      await assertRefused(
        anybody().searchPosts({ query: " " }),
        Code.InvalidArgument,
        "INVALID_REQUEST",
      );
    });
  });
});

/** The titles on each page of a list. */
async function allPages(
  read: (pageToken: string) => Promise<{ posts: Post[]; nextPageToken: string }>,
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let pageToken = "", more = true; more; more = pageToken !== "") {
    const { posts, nextPageToken } = await read(pageToken);
    pages.push(posts.map(({ title }) => title));
    pageToken = nextPageToken;
  }
  return pages;
}
