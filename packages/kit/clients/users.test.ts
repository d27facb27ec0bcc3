import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "../errors/fault.ts";
import { newId } from "../id.ts";
import { toConnectError } from "../rpc/error-mapping.ts";
import { findUserId, findUserIds } from "./users.ts";

describe("findUserId", () => {
  const id = newId();
  let isDown = false;
  const transport = createRouterTransport(({ service }) => {
    service(UserService, {
      async findUserByNickname({ nickname }) {
        if (isDown) throw new ConnectError("users is down", Code.Unavailable);
        if (nickname === "ada") return { id };
        throw toConnectError(new Fault("not_found", "NO_SUCH_USER", nickname), "users.plaza");
      },
    });
  });
  const users = createClient(UserService, transport);

  it("returns the id of the user with a nickname, undefined when there is none", async () => {
    assert.equal(await findUserId(users, "ada"), id);
    assert.equal(await findUserId(users, "nobody"), undefined);
  });

  it("finds several users at once, by nickname", async () => {
    const ids = await findUserIds(users, ["ada", "nobody", "ada"]);
    assert.deepEqual([...ids], [["ada", id]]);
  });

  it("does not mistake an unavailable users service for an unknown nickname", async () => {
    isDown = true;
    await assert.rejects(findUserId(users, "ada"), { code: Code.Unavailable });
  });
});
