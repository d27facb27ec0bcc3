import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { UserService } from "@plaza/contract/users/v1/users";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { users } from "./main.ts";

describe("the demo profiles", () => {
  const plaza = testPlaza({
    services: [users],
    stubs: [stub(AuthService, {}), stub(FriendService, {})],
  });
  const as = (id: string) => plaza.client(UserService, { account: { id } });

  async function register(nickname: string): Promise<string> {
    const id = randomUUID();
    const service = plaza.client(UserService, { service: "auth" });
    await service.createUser({ id, nickname, email: `${nickname}@example.org` });
    return id;
  }

  it("are filled in for the demo accounts that exist, unless their owners have done so", async () => {
    const [ada, bruno, other] = await Promise.all(["ada", "bruno", "other"].map(register));
    assert.ok(ada && bruno && other);
    const own = { user: { id: "me", about: "Mine." }, updateMask: { paths: ["about"] } };
    await as(bruno).updateUser(own);

    await plaza.host().seed();
    const seeded = await as(ada).getUser({ id: "me" });
    assert.equal(seeded.firstName, "Ada");
    for (const value of [seeded.lastName, seeded.about, seeded.phone, seeded.address]) {
      assert.notEqual(value, "");
    }
    assert.equal((await as(bruno).getUser({ id: "me" })).firstName, "");
    assert.equal((await as(other).getUser({ id: "me" })).firstName, "");

    await plaza.host().seed();
    assert.deepEqual(await as(ada).getUser({ id: "me" }), seeded);
  });

  it("fit the rules of the contract", async () => {
    const paths = ["first_name", "last_name", "about", "phone", "address", "contact_visibility"];
    for (const nickname of ["clara", "dmitri"]) {
      const me = as(await register(nickname));
      await plaza.host().seed();
      const seeded = await me.getUser({ id: "me" });
      const saved = await me.updateUser({ user: seeded, updateMask: { paths } });
      assert.equal(saved.phone, seeded.phone);
    }
  });
});
