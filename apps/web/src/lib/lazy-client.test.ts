import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { UserService } from "@plaza/contract/users/v1/users";
import { createLazyClient } from "./lazy-client.ts";

const client = createClient(
  UserService,
  createRouterTransport(({ rpc }) => {
    rpc(UserService.method.getUser, ({ id }) => ({ id }));
  }),
);

describe("createLazyClient", () => {
  it("is loaded once, at the first call, which waits for it", async () => {
    let loads = 0;
    const { promise, resolve } = Promise.withResolvers<typeof client>();
    const users = createLazyClient<typeof UserService>(() => {
      loads += 1;
      return promise;
    });
    assert.equal(loads, 0);
    const first = users.getUser({ id: "ada" });
    resolve(client);
    assert.equal((await first).id, "ada");
    assert.equal((await users.getUser({ id: "bruno" })).id, "bruno");
    assert.equal(loads, 1);
  });

  it("sends a call at once when it is loaded", async () => {
    const calls: string[] = [];
    const getUser: typeof client.getUser = (request, options) => {
      calls.push(request.id ?? "");
      return client.getUser(request, options);
    };
    const users = createLazyClient<typeof UserService>(async () => ({ ...client, getUser }));
    await users.getUser({ id: "ada" });
    const second = users.getUser({ id: "bruno" });
    assert.deepEqual(calls, ["ada", "bruno"]);
    await second;
  });

  it("rejects a call when it cannot be loaded, and loads again for the next", async () => {
    const failure = new TypeError("Failed to fetch dynamically imported module");
    const results = [Promise.reject(failure), Promise.resolve(client)];
    const users = createLazyClient<typeof UserService>(() => results.shift() ?? assert.fail());
    await assert.rejects(users.getUser({ id: "ada" }), failure);
    assert.equal((await users.getUser({ id: "ada" })).id, "ada");
  });
});
