import assert from "node:assert/strict";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { UserService } from "@plaza/contract/users/v1/users";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@plaza/grpc/health";
import { ServerReflection } from "@plaza/grpc/reflection";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { requestHttp2 } from "../testing/http2-request.ts";
import { rpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { memberId, postId, testGateway } from "../testing/test-gateway.ts";

describe("one port", () => {
  const plaza = testGateway();

  for (const protocol of rpcProtocols) {
    const transport = () => transportOver(protocol, plaza.url());

    it(`takes ${protocol}`, async () => {
      const posts = createClient(PostService, transport());
      assert.equal((await posts.getPost({ id: postId })).authorId, "nobody");
    });

    it(`knows who calls over ${protocol}`, async () => {
      const posts = createClient(PostService, transport());
      const headers = { authorization: `Bearer ${plaza.signIn()}` };
      assert.equal((await posts.getPost({ id: postId }, { headers })).authorId, memberId);
    });

    it(`passes refusals on with their details over ${protocol}`, async () => {
      const posts = createClient(PostService, transport());
      await assert.rejects(posts.getPost({ id: "no uuid" }), (error: ConnectError) => {
        assert.equal(error.code, Code.InvalidArgument);
        assert.equal(reasonOf(error), "INVALID_REQUEST");
        return true;
      });
    });

    it(`refuses a bad token over ${protocol}`, async () => {
      const posts = createClient(PostService, transport());
      const headers = { authorization: "Bearer made.up" };
      await assert.rejects(posts.getPost({ id: postId }, { headers }), (error: ConnectError) => {
        assert.equal(error.code, Code.Unauthenticated);
        assert.equal(reasonOf(error), "INVALID_TOKEN");
        return true;
      });
    });

    it(`does not let methods for services be called over ${protocol}`, async () => {
      const before = plaza.calls.length;
      const auth = createClient(AuthService, transport());
      const users = createClient(UserService, transport());
      const headers = { "plaza-service": "gateway" };
      const unreachable = ({ code }: ConnectError) => code === Code.Unimplemented;
      await assert.rejects(auth.resolveSession({ credential: "x" }, { headers }), unreachable);
      await assert.rejects(auth.closeAccount({ id: memberId }, { headers }), unreachable);
      await assert.rejects(users.findUserByNickname({ nickname: "abc" }, { headers }), unreachable);
      assert.equal(plaza.calls.length, before);
    });
  }

  it("takes REST over HTTP/1.1", async () => {
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { id: postId, authorId: "nobody" });
  });

  it("takes REST over HTTP/2", async () => {
    const session = connect(plaza.url());
    const read = await requestHttp2(session, { ":path": `/v1/posts/${postId}` });
    assert.deepEqual(JSON.parse(await text(read.stream)), { id: postId, authorId: "nobody" });
    const post = {
      ":method": "POST",
      ":path": "/v1/posts",
      "content-type": "application/json",
      authorization: `Bearer ${plaza.signIn()}`,
    };
    const written = await requestHttp2(session, post, JSON.stringify({ title: "A", body: "b" }));
    assert.deepEqual(JSON.parse(await text(written.stream)), {
      title: "A",
      body: "b",
      authorId: memberId,
    });
    const large = await requestHttp2(session, post, "x".repeat(1024 * 1024 + 1));
    assert.equal(large.headers[":status"], 413);
    await text(large.stream);
    session.close();
  });

  it("hands out a cookie over Connect", async () => {
    const headers: Headers[] = [];
    const connectJson = createConnectTransport({ baseUrl: plaza.url(), httpVersion: "1.1" });
    await createClient(AuthService, connectJson).login(
      { login: "ann", password: "right", session: SessionKind.COOKIE },
      { onHeader: (header) => headers.push(header) },
    );
    assert.match(
      headers[0]?.getSetCookie()[0] ?? "",
      /^plaza_session=[\w-]+; Max-Age=3600; .*HttpOnly/,
    );
  });

  it("has no REST route for methods that only services may call", async () => {
    const asked = ["plaza.auth.v1.AuthService/ResolveSession", "v1/auth:resolveSession"];
    for (const path of asked) {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
      assert.equal((await fetch(`${plaza.url()}/${path}`, init)).status, 404);
    }
  });

  it("answers health checks and reflection over gRPC", async () => {
    const grpc = createGrpcTransport({ baseUrl: plaza.url() });
    const { status } = await createClient(Health, grpc).check({ service: PostService.typeName });
    assert.equal(status, Status.SERVING);
    const reflection = createClient(ServerReflection, grpc);
    const answers = reflection.serverReflectionInfo(
      (async function* () {
        yield { messageRequest: { case: "listServices" as const, value: "" } };
      })(),
    );
    for await (const { messageResponse } of answers) {
      assert.equal(messageResponse.case, "listServicesResponse");
      const names = messageResponse.value?.service.map(({ name }) => name) ?? [];
      assert.ok(names.includes(PostService.typeName));
    }
  });
});
