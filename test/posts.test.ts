import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ListPostsResponseSchema,
  type Post,
  PostSchema,
  SearchPostsResponseSchema,
} from "@plaza/contract/posts/v1/posts";
import { UserSchema } from "@plaza/contract/users/v1/users";
import { type Member, newNickname, register, signInDemo } from "./base/accounts.ts";
import { apiClient, assertApiError, violatedFields } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { waitUntil } from "./base/wait-until.ts";

describe("posts over REST", () => {
  const plaza = suitePlaza();
  const url = () => plaza().url;
  const nobody = () => apiClient(url());
  const publish = async (author: Member, post: object = {}): Promise<Post> => {
    const answer = await author.request("POST /v1/posts", {
      title: "Hello",
      body: "*World*",
      ...post,
    });
    return answer.as(PostSchema);
  };

  it("are published and read by anybody, with their author's card", async () => {
    const ada = await register(url());
    const post = await publish(ada);
    const read = (await nobody()(`GET /v1/posts/${post.id}`)).as(PostSchema);
    assert.deepEqual([read.title, read.body, read.excerpt], ["Hello", "*World*", "World"]);
    assert.equal(read.author?.nickname, ada.nickname);
    assert.equal(read.author?.email, "");
  });

  it("are published once under one idempotency key, however often that is requested", async () => {
    const ada = await register(url());
    const idempotencyKey = newNickname("key");
    const posts = await Promise.all(
      Array.from({ length: 5 }, () => publish(ada, { idempotencyKey })),
    );
    assert.equal(new Set(posts.map(({ id }) => id)).size, 1);
    const listed = (await nobody()(`GET /v1/posts?authorId=${ada.id}`)).as(ListPostsResponseSchema);
    assert.equal(listed.posts.length, 1);
    const other = { title: "Another", body: "text", idempotencyKey };
    assertApiError(await ada.request("POST /v1/posts", other), 409, "KEY_REUSED");
    const bob = await register(url());
    assert.notEqual((await publish(bob, { idempotencyKey })).id, posts[0]?.id);
  });

  it("are listed newest first, page by page, without gap or repeat", async () => {
    const ada = await register(url());
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift((await publish(ada)).id);
    const seen: string[] = [];
    for (let token = ""; ; ) {
      const query = `authorId=${ada.id}&pageSize=2&pageToken=${encodeURIComponent(token)}`;
      const page = (await nobody()(`GET /v1/posts?${query}`)).as(ListPostsResponseSchema);
      seen.push(...page.posts.map(({ id }) => id));
      assert.ok(page.posts.every(({ author }) => author?.nickname === ada.nickname));
      token = page.nextPageToken;
      if (!token) break;
    }
    assert.deepEqual(seen, ids);
  });

  it("are changed by one of two who read the same text: the other's If-Match is 412", async () => {
    const ada = await register(url());
    const post = await publish(ada);
    const path = `/v1/posts/${post.id}`;
    const read = await nobody()(`GET ${path}`);
    const etag = read.headers.get("etag") ?? "";
    const change = (title: string, headers: HeadersInit, body: object = {}) =>
      ada.request(`PATCH ${path}`, { title, ...body }, headers);
    const unchanged = await nobody()(`GET ${path}`, undefined, { "if-none-match": etag });
    assert.equal(unchanged.status, 304);
    const outcomes = await Promise.all(
      ["one", "other"].map((title) => change(title, { "if-match": etag })),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), [200, 412]);
    const loser = outcomes.find(({ status }) => status === 412) ?? assert.fail();
    assertApiError(loser, 412, "ETAG_MISMATCH");
    assertApiError(await change("body", {}, { etag: post.etag }), 409, "ETAG_MISMATCH");
    assertApiError(await change("weak", { "if-match": `W/${etag}` }), 412, "ETAG_MISMATCH");
    const deletion = await ada.request(`DELETE ${path}`, undefined, { "if-match": etag });
    assertApiError(deletion, 412, "ETAG_MISMATCH");
    const now = await nobody()(`GET ${path}`, undefined, { "if-none-match": etag });
    const current = now.headers.get("etag") ?? "";
    assert.equal((await change("listed", { "if-match": `"x", ${current}` })).status, 200);
    assert.equal((await change("any", { "if-match": "*" })).status, 200);
    assertApiError(
      await ada.request(`PATCH /v1/posts/${ada.id}`, { title: "x" }, { "if-match": "*" }),
      404,
      "NO_SUCH_POST",
    );
  });

  it("survive a change of their author's name between reading and changing", async () => {
    const ada = await register(url());
    const path = `/v1/posts/${(await publish(ada)).id}`;
    const read = await nobody()(`GET ${path}`);
    const etag = read.headers.get("etag") ?? "";
    await ada.request("PATCH /v1/users/me", { nickname: newNickname("ada") });
    const again = await nobody()(`GET ${path}`, undefined, { "if-none-match": etag });
    assert.equal(again.status, 200);
    assert.equal(
      (await ada.request(`PATCH ${path}`, { title: "Bye" }, { "if-match": etag })).status,
      200,
    );
  });

  it("are found by their words, phrases, and without what is excluded", async () => {
    const ada = await register(url());
    const word = newNickname("word").replace("_", "");
    const first = await publish(ada, { title: `${word} tea`, body: "a cup of green tea" });
    const second = await publish(ada, { title: "Coffee", body: `${word} and a cup of coffee` });
    const search = async (query: string) => {
      const answer = await nobody()(`GET /v1/posts:search?query=${encodeURIComponent(query)}`);
      return answer.as(SearchPostsResponseSchema).posts.map(({ id }) => id);
    };
    assert.deepEqual(await search(word), [second.id, first.id]);
    assert.deepEqual(await search(`${word} "green tea"`), [first.id]);
    assert.deepEqual(await search(`${word} -tea`), [second.id]);
  });

  it("change by PATCH, which infers its mask, for their author and admins only", async () => {
    const [ada, eve, admin] = await Promise.all([
      register(url()),
      register(url()),
      signInDemo(url(), "admin1"),
    ]);
    const { id } = await publish(ada);
    const change = (who: Member, body: object) => who.request(`PATCH /v1/posts/${id}`, body);
    const changed = (await change(ada, { title: "Changed" })).as(PostSchema);
    assert.deepEqual([changed.title, changed.body], ["Changed", "*World*"]);
    assertApiError(await change(eve, { title: "Mine" }), 403, "NOT_YOUR_POST");
    assertApiError(
      await nobody()(`PATCH /v1/posts/${id}`, { title: "Mine" }),
      401,
      "NOT_SIGNED_IN",
    );
    assert.equal((await change(admin, { body: "Moderated" })).as(PostSchema).title, "Changed");
    assertApiError(await change(ada, {}), 400, "EMPTY_UPDATE_MASK");
    assertApiError(await change(ada, { title: "" }), 400, "FIELD_REQUIRED");
    const masked = await ada.request(`PATCH /v1/posts/${id}?updateMask=authorId`, { title: "x" });
    assertApiError(masked, 400, "FIELD_NOT_WRITABLE");
  });

  it("are deleted by their author and admins only", async () => {
    const [ada, eve, admin] = await Promise.all([
      register(url()),
      register(url()),
      signInDemo(url(), "admin1"),
    ]);
    const [first, second] = [await publish(ada), await publish(ada)];
    assertApiError(await eve.request(`DELETE /v1/posts/${first.id}`), 403, "NOT_YOUR_POST");
    assert.equal((await ada.request(`DELETE /v1/posts/${first.id}`)).status, 200);
    assert.equal((await admin.request(`DELETE /v1/posts/${second.id}`)).status, 200);
    assertApiError(await nobody()(`GET /v1/posts/${first.id}`), 404, "NO_SUCH_POST");
    assertApiError(await ada.request(`DELETE /v1/posts/${first.id}`), 404, "NO_SUCH_POST");
  });

  it("lead to their author's profile, as far as the mask asks and the author allows", async () => {
    const [ada, bob] = await Promise.all([register(url()), register(url())]);
    await ada.request("PATCH /v1/users/me", { phone: "+44 20 7946 0000", firstName: "Ada" });
    const { id } = await publish(ada);
    const author = async (ask: Member["request"]) =>
      (await ask(`GET /v1/posts/${id}/author?readMask=nickname,phone,address`)).as(UserSchema);
    const seen = await author(bob.request);
    assert.deepEqual([seen.nickname, seen.phone], [ada.nickname, "+44 20 7946 0000"]);
    assert.deepEqual([seen.id, seen.firstName], ["", ""]);
    assert.equal((await author(nobody())).phone, "");
  });

  it("show only what the read mask names, and refuse a mask that names nothing", async () => {
    const { id } = await publish(await register(url()));
    const part = await nobody()(`GET /v1/posts/${id}?readMask=title,author.nickname`);
    assert.deepEqual(Object.keys(part.json() as object), ["title", "author"]);
    const unknown = await nobody()(`GET /v1/posts/${id}?readMask=tilte`);
    assert.deepEqual(violatedFields(assertApiError(unknown, 400, "UNKNOWN_FIELD_PATH")), [
      "read_mask",
    ]);
  });

  it("go when their author's account does", async () => {
    const [ada, bob] = await Promise.all([register(url()), register(url())]);
    const gone = [await publish(ada), await publish(ada)];
    const kept = await publish(bob);
    await ada.request("DELETE /v1/users/me");
    const status = async ({ id }: Post) => (await nobody()(`GET /v1/posts/${id}`)).status;
    const statuses = () => Promise.all(gone.map(status));
    await waitUntil(async () => !(await statuses()).includes(200), "the posts stay");
    assert.deepEqual(await statuses(), [404, 404]);
    assert.equal(await status(kept), 200);
  });
});
