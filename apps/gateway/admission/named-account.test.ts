import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, type ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { type Note, NoteService } from "../testing/note-service.ts";
import { rpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { memberId, postId, testGateway } from "../testing/test-gateway.ts";

const otherId = "01900000-0000-7000-8000-000000000002";

let watched = 0;
const notes = {
  async *watch({ board }: Note) {
    watched += 1;
    yield { text: board };
  },
} as unknown as ServiceImpl<typeof NoteService>;

describe("a call that names its account", () => {
  const transport = () =>
    createLocalTransport([{ contract: NoteService, implementation: notes as never }]);
  const plaza = testGateway({}, { extraService: { contract: NoteService, transport } });
  const ownCookie = () => ({ cookie: `plaza_session=${plaza.signIn()}`, origin: plaza.url() });
  const ownToken = () => ({ authorization: `Bearer ${plaza.signIn()}` });
  const named = (id: string) => ({ "plaza-account": id });

  it("succeeds as that account", async () => {
    for (const credential of [ownCookie(), ownToken()]) {
      const headers = { ...credential, ...named(memberId) };
      const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
      assert.deepEqual(await answer.json(), { id: postId, authorId: memberId });
      assert.equal(plaza.calls.at(-1)?.headers["plaza-account"], undefined, "it is not forwarded");
    }
  });

  it("fails with the credential of another account, or without one, before a service is called", async () => {
    const before = plaza.calls.filter(({ name }) => name.includes("PostService")).length;
    for (const headers of [
      { ...ownCookie(), ...named(otherId) },
      { ...ownToken(), ...named(otherId) },
      { ...named(otherId) },
      { ...ownCookie(), cookie: "plaza_session=long-gone", ...named(memberId) },
      { ...ownCookie(), ...named("") },
    ]) {
      const answers = [
        await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers }),
        await fetch(`${plaza.url()}/v1/posts`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: `{"title":"Said as another"}`,
        }),
      ];
      for (const answer of answers) assert.equal(answer.status, 401);
      assert.match((await answers[0]?.text()) ?? "", /"reason":"OTHER_ACCOUNT"/);
    }
    const after = plaza.calls.filter(({ name }) => name.includes("PostService")).length;
    assert.equal(after, before);
  });

  it("fails as a stream too, which does not begin", async () => {
    const watch = (headers: Record<string, string>) =>
      fetch(`${plaza.url()}/v1/boards/1:watch`, {
        headers: { accept: "text/event-stream", ...headers },
      });
    assert.match(await (await watch({ ...ownCookie(), ...named(memberId) })).text(), /"text":"1"/);
    const before = watched;
    for (const headers of [{ ...ownCookie(), ...named(otherId) }, named(otherId)]) {
      const refused = await watch(headers);
      assert.equal(refused.status, 401);
      assert.match(await refused.text(), /"reason":"OTHER_ACCOUNT"/);
    }
    assert.equal(watched, before);
  });

  for (const protocol of rpcProtocols) {
    it(`succeeds or fails over ${protocol}`, async () => {
      const transport = transportOver(protocol, plaza.url());
      const posts = createClient(PostService, transport);
      const board = createClient(NoteService, transport);
      const own = { headers: { ...ownToken(), ...named(memberId) } };
      assert.equal((await posts.getPost({ id: postId }, own)).authorId, memberId);
      assert.equal((await Array.fromAsync(board.watch({ board: "1" }, own))).length, 1);
      const other = { headers: { ...ownToken(), ...named(otherId) } };
      await assert.rejects(posts.getPost({ id: postId }, other), isOtherAccount);
      await assert.rejects(Array.fromAsync(board.watch({ board: "1" }, other)), isOtherAccount);
    });
  }
});

function isOtherAccount(error: ConnectError): boolean {
  assert.deepEqual([error.code, reasonOf(error)], [Code.Unauthenticated, "OTHER_ACCOUNT"]);
  return true;
}
