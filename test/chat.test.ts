import assert from "node:assert/strict";
import { after, afterEach, describe, it } from "node:test";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Entry_Type } from "@plaza/contract/chat/v1/stream";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { SubscriptionRecorder } from "../services/chat/testing/subscription-recorder.ts";
import { signInDemo } from "./base/accounts.ts";
import { befriend, registerChatMember, sendMessage } from "./base/chat-fixtures.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { waitUntil } from "./base/wait-until.ts";

describe("chats", () => {
  const plaza = suitePlaza();
  const open: SubscriptionRecorder[] = [];
  const closing: (() => void)[] = [];

  afterEach(() => Promise.all(open.splice(0).map((one) => one.stop())));
  after(() => {
    for (const close of closing) close();
  });

  const onward =
    (headers: Readonly<Record<string, string>>): Interceptor =>
    (next) =>
    (request) => {
      for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
      return next(request);
    };
  const byGrpc = () =>
    registerChatMember(plaza().url, (headers) => {
      const interceptors = [onward(headers)];
      const transport = createGrpcTransport({ address: plaza().url, interceptors });
      closing.push(() => transport.close());
      return transport;
    });
  const byConnect = () =>
    registerChatMember(plaza().url, (headers) =>
      createConnectTransport({
        baseUrl: plaza().url,
        httpVersion: "1.1",
        interceptors: [onward(headers)],
      }),
    );
  function listen(
    ...args: ConstructorParameters<typeof SubscriptionRecorder>
  ): Promise<SubscriptionRecorder> {
    const recorder = new SubscriptionRecorder(...args);
    open.push(recorder);
    return recorder.waitUntilLive();
  }

  /** Two friends and their chat. */
  async function friends() {
    const [ada, bruno] = await Promise.all([byGrpc(), byConnect()]);
    await befriend(ada, bruno);
    const { id } = await ada.chats.createChat({ userId: bruno.id });
    return { ada, bruno, id };
  }

  async function endsFor(recorder: SubscriptionRecorder, reason: string): Promise<void> {
    const error = await recorder.waitForEnd();
    assert.equal(ConnectError.from(error).code, Code.Unauthenticated, String(error));
    assert.equal(reasonOf(error), reason);
  }

  /** Waits until the call is refused with the reason, after an event of another service. */
  function waitForRefusal(call: () => Promise<unknown>, reason: string): Promise<void> {
    const isRefused = async () => (await call().then(() => undefined, reasonOf)) === reason;
    return waitUntil(isRefused, `never refused with ${reason}`);
  }

  it("are opened with friends, and deliver to both, over gRPC and Connect", async () => {
    const stranger = await byGrpc();
    const { ada, bruno, id } = await friends();
    const refused = stranger.chats.createChat({ userId: ada.id });
    assert.equal(await refused.then(() => undefined, reasonOf), "NOT_FRIENDS");
    const [one, other] = [await listen(ada), await listen(bruno)];
    await sendMessage(ada, id, "Over gRPC.");
    await sendMessage(bruno, id, "Over Connect.");
    for (const recorder of [one, other]) {
      await recorder.waitUntil(() => recorder.entries(id).length === 2);
      const texts = recorder.entries(id).map(({ message }) => message?.text);
      assert.deepEqual(texts, ["Over gRPC.", "Over Connect."]);
    }
    const { chats } = await bruno.chats.listChats({});
    assert.deepEqual(
      chats.map(({ members }) => members.map(({ user }) => user?.nickname).toSorted()),
      [[ada.nickname, bruno.nickname].toSorted()],
    );
  });

  it("end for the user who signs out, and for no other", async () => {
    const { ada, bruno } = await friends();
    const [here, away] = [await listen(ada), await listen(bruno)];
    await bruno.request("POST /v1/auth:logout", { refreshToken: bruno.refreshToken });
    await endsFor(away, "INVALID_SESSION");
    assert.equal(here.error, undefined);
  });

  it("end for a user who is deactivated", async () => {
    const { bruno } = await friends();
    const recorder = await listen(bruno);
    const admin = await signInDemo(plaza().url, "admin1");
    await admin.request(`POST /v1/auth/accounts/${bruno.id}:deactivate`, {});
    await endsFor(recorder, "INVALID_SESSION");
  });

  it("in groups reach members from when they are added to when they are removed", async () => {
    const { ada, bruno } = await friends();
    const recorder = await listen(bruno);
    const { id } = await ada.chats.createChat({ title: "Group", memberIds: [bruno.id] });
    await recorder.waitUntil(() => recorder.seqs(id).length === 1);
    await ada.chats.removeMember({ chatId: id, userId: bruno.id });
    await recorder.waitUntil(() => recorder.entries(id).at(-1)?.type === Entry_Type.MEMBER_REMOVED);
    await sendMessage(ada, id, "Without Bruno.");
    await ada.chats.addMembers({ chatId: id, userIds: [bruno.id] });
    await recorder.waitUntil(() => recorder.seqs(id).at(-1) === 4);
    assert.deepEqual(recorder.seqs(id), [1, 2, 4]);
  });

  it("end by a block, and go on when it is over", async () => {
    const { ada, bruno, id } = await friends();
    await ada.request(`POST /v1/friends/${bruno.id}:block`, {});
    for (const one of [ada, bruno])
      await waitForRefusal(() => sendMessage(one, id), "CHAT_BLOCKED");
    await ada.request(`POST /v1/friends/${bruno.id}:unblock`, {});
    const isSent = () =>
      sendMessage(bruno, id).then(
        () => true,
        () => false,
      );
    await waitUntil(isSent, "still blocked");
  });

  it("go on without a user who deletes the account", async () => {
    const { ada, bruno, id } = await friends();
    const { seq } = await sendMessage(bruno, id, "Farewell.");
    const recorder = await listen(ada);
    await bruno.request("DELETE /v1/users/me");
    await recorder.waitUntil(() => recorder.entries(id).at(-1)?.type === Entry_Type.MEMBER_LEFT);
    const { senderId, text } = await ada.chats.getMessage({ chatId: id, seq });
    assert.deepEqual([senderId, text], ["", "Farewell."]);
    await waitForRefusal(() => sendMessage(ada, id), "CHAT_BLOCKED");
  });
});
