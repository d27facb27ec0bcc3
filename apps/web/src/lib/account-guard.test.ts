import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type HandlerContext,
} from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { UserService } from "@plaza/contract/users/v1/users";
import {
  accountHeaders,
  accountInterceptor,
  getActiveAccount,
  onUnauthenticated,
  setActiveAccount,
} from "./account-guard.ts";
import { reasonOf } from "./errors.ts";
import { retry } from "./retry.ts";

describe("a call of a window", () => {
  afterEach(() => setActiveAccount(null));

  it("names the account that the window acts for, or its own", async () => {
    const { users, heard } = newServer();
    await users.getUser({ id: "me" });
    setActiveAccount("ada");
    await users.getUser({ id: "me" });
    await assert.rejects(users.getUser({ id: "me" }, { headers: accountHeaders("bruno") }));
    assert.deepEqual(heard, [null, "ada", "bruno"]);
  });

  it("gets no answer when somebody else is here by then", async () => {
    const { users } = newServer(() => setActiveAccount("bruno"));
    setActiveAccount("ada");
    await assert.rejects(users.getUser({ id: "me" }), (error) => {
      assert.equal(reasonOf(error), "OTHER_ACCOUNT");
      return true;
    });
    assert.equal(getActiveAccount(), "bruno");
  });

  it("has it looked into when its account is not signed in any more, and no visitor's has", async () => {
    let told = 0;
    onUnauthenticated(() => {
      told += 1;
    });
    const { users, chats } = newServer(() => {
      throw new ConnectError("who?", Code.Unauthenticated);
    });
    setActiveAccount(null);
    await assert.rejects(users.getUser({ id: "me" }));
    assert.equal(told, 0);
    setActiveAccount("ada");
    await assert.rejects(users.getUser({ id: "me" }));
    await assert.rejects(Array.fromAsync(chats.subscribe({})));
    assert.equal(told, 2);
  });

  it("is not made again for somebody else", async () => {
    const { users, heard } = newServer(() => {
      setActiveAccount("bruno");
      throw new ConnectError("gone", Code.Unavailable);
    });
    setActiveAccount("ada");
    await assert.rejects(retry(() => users.getUser({ id: "me" })));
    assert.deepEqual(heard, ["ada"]);
  });
});

/** A server that writes down for whom calls are made. */
function newServer(onCall = () => {}) {
  const heard: (string | null)[] = [];
  const hear = ({ requestHeader }: HandlerContext) => {
    heard.push(requestHeader.get("plaza-account"));
    onCall();
  };
  const transport = createRouterTransport(
    ({ rpc }) => {
      rpc(UserService.method.getUser, (_, context) => {
        hear(context);
        return {};
      });
      rpc(ChatService.method.subscribe, async function* (_, context) {
        yield {};
        hear(context);
      });
    },
    { transport: { interceptors: [accountInterceptor] } },
  );
  return {
    users: createClient(UserService, transport),
    chats: createClient(ChatService, transport),
    heard,
  };
}
