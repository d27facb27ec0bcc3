import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  Code,
  ConnectError,
  createClient,
  createHandlerContext,
  createRouterTransport,
} from "@connectrpc/connect";
import { type BatchGetUsersRequest, UserService } from "@plaza/contract/users/v1/users";
import { newId } from "../id.ts";
import type { Deps } from "../runtime/service.ts";
import { silentLogger } from "../telemetry/log.ts";
import { SayService } from "../testing/contract.ts";
import { createUserCardLoader } from "./user-cards.ts";

describe("createUserCardLoader", () => {
  const calls: BatchGetUsersRequest[] = [];
  let isDown = false;
  const transport = createRouterTransport(({ service }) => {
    service(UserService, {
      async batchGetUsers(request) {
        calls.push(request);
        if (isDown) throw new ConnectError("users is down", Code.Unavailable);
        return { users: request.ids.slice(1).map((id) => ({ id, nickname: "somebody" })) };
      },
    });
  });
  const client: Deps["client"] = (contract) => createClient(contract, transport);
  const findCard = createUserCardLoader({ client, log: silentLogger });
  const context = createHandlerContext({
    service: SayService,
    method: SayService.method.say,
    protocolName: "grpc",
    requestMethod: "POST",
    url: "http://localhost",
  });

  it("loads the cards of one turn with one call, each id once, with the fields of a card only", async () => {
    const ids = [newId(), newId(), newId()];
    const cards = await Promise.all([...ids, ...ids].map((id) => findCard(id, context)));
    assert.deepEqual(
      cards.map((card) => card?.id),
      [undefined, ids[1], ids[2], undefined, ids[1], ids[2]],
    );
    assert.equal(calls.length, 1);
    assert.deepEqual(calls[0]?.ids, ids);
    const paths = ["id", "nickname", "first_name", "last_name", "avatar_url"];
    assert.deepEqual(calls[0]?.readMask?.paths, paths);
  });

  it("splits calls at the batch limit of users", async () => {
    calls.length = 0;
    await Promise.all(Array.from({ length: 101 }, () => findCard(newId(), context)));
    assert.deepEqual(calls.map(({ ids }) => ids.length).sort(), [1, 100]);
  });

  it("returns no cards while users is unavailable", async () => {
    isDown = true;
    assert.equal(await findCard(newId(), context), undefined);
    isDown = false;
  });
});
