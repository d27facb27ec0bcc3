import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { posts } from "./main.ts";

const ids: Record<string, string> = {
  ada: "01980000-0000-7000-8000-000000000001",
  bruno: "01980000-0000-7000-8000-000000000002",
  clara: "01980000-0000-7000-8000-000000000003",
};

describe("the demo posts", () => {
  const users = stub(UserService, {
    async findUserByNickname({ nickname }) {
      const id = ids[nickname];
      if (id) return { id };
      throw toConnectError(new Fault("not_found", "NO_SUCH_USER", nickname), "users.plaza");
    },
  });
  const plaza = testPlaza({ services: [posts], stubs: [users] });
  const list = async () => (await plaza.client(PostService).listPosts({ pageSize: 100 })).posts;

  it("are created once, for the authors who exist, in order of time", async () => {
    await plaza.host().seed();
    const published = await list();
    assert.deepEqual(
      new Set(published.map(({ authorId }) => authorId)),
      new Set(Object.values(ids)),
    );
    assert.equal(published[0]?.title, "Biscuit is home");
    const times = published.map(({ createTime }) => Number(createTime?.seconds));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await plaza.host().seed();
    assert.deepEqual(await list(), published);
  });

  it("are not inserted again when only some were deleted", async () => {
    const [first] = await list();
    const admin = { id: ids["ada"] ?? "", roles: ["admin"] };
    await plaza.client(PostService, { account: admin }).deletePost({ id: first?.id ?? "" });
    const left = await list();
    await plaza.host().seed();
    assert.deepEqual(await list(), left);
  });

  it("fit the rules of the contract", async () => {
    const author = plaza.client(PostService, { account: { id: ids["ada"] ?? "" } });
    for (const { title, body } of await list()) await author.createPost({ title, body });
  });
});
