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
  getActiveAccount,
  onUnauthenticated,
  setActiveAccount,
} from "./account-guard.ts";
import { accountInterceptor } from "./account-interceptor.ts";
import { reasonOf } from "./errors.ts";
import { retry } from "./retry.ts";
import { throwCallErrors } from "./transport.ts";

describe("accountInterceptor", () => {
  afterEach(() => setActiveAccount(null));

  it("sends the id of the active account, or that of the call's own headers", async () => {
    const { users, accountIds } = newServer();
    await users.getUser({ id: "me" });
    setActiveAccount("ada");
    await users.getUser({ id: "me" });
    await assert.rejects(users.getUser({ id: "me" }, { headers: accountHeaders("bruno") }));
    assert.deepEqual(accountIds, [null, "ada", "bruno"]);
  });

  it("rejects a response when another account has become active", async () => {
    const { users } = newServer(() => setActiveAccount("bruno"));
    setActiveAccount("ada");
    await assert.rejects(users.getUser({ id: "me" }), (error) => {
      assert.equal(reasonOf(error), "OTHER_ACCOUNT");
      return true;
    });
    assert.equal(getActiveAccount(), "bruno");
  });

  it("reports UNAUTHENTICATED of the active account, also in streams, and not of a visitor", async () => {
    let reports = 0;
    onUnauthenticated(() => {
      reports += 1;
    });
    const { users, chats } = newServer(() => {
      throw new ConnectError("not signed in", Code.Unauthenticated);
    });
    setActiveAccount(null);
    await assert.rejects(users.getUser({ id: "me" }));
    assert.equal(reports, 0);
    setActiveAccount("ada");
    await assert.rejects(users.getUser({ id: "me" }));
    await assert.rejects(Array.fromAsync(chats.subscribe({})));
    assert.equal(reports, 2);
  });

  it("is not sent again by retry for another account", async () => {
    const { users, accountIds } = newServer(() => {
      setActiveAccount("bruno");
      throw new ConnectError("gone", Code.Unavailable);
    });
    setActiveAccount("ada");
    await assert.rejects(retry(() => users.getUser({ id: "me" })));
    assert.deepEqual(accountIds, ["ada"]);
  });
});

/** A server that records the account of each call. */
function newServer(onCall = () => {}) {
  const accountIds: (string | null)[] = [];
  const recordCall = ({ requestHeader }: HandlerContext) => {
    accountIds.push(requestHeader.get("plaza-account"));
    onCall();
  };
  const server = createRouterTransport(
    ({ rpc }) => {
      rpc(UserService.method.getUser, (_, context) => {
        recordCall(context);
        return {};
      });
      rpc(ChatService.method.subscribe, async function* (_, context) {
        yield {};
        recordCall(context);
      });
    },
    { transport: { interceptors: [accountInterceptor] } },
  );
  const transport = throwCallErrors(() => server);
  return {
    users: createClient(UserService, transport),
    chats: createClient(ChatService, transport),
    accountIds,
  };
}
