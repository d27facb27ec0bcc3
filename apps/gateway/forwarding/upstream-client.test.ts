import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { NoteService } from "../testing/note-service.ts";
import { mainRpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { postId, testGateway } from "../testing/test-gateway.ts";

const forged = {
  "plaza-service": "gateway",
  "plaza-address": "203.0.113.9",
  "plaza-user-agent": "forged",
  "plaza-anything": "forged",
  "x-forwarded-for": "203.0.113.9",
  "user-agent": `Test/1.0 ${"é".repeat(10)}${"x".repeat(400)}`,
};

describe("the headers of an upstream call", () => {
  const plaza = testGateway();

  async function seen(call: () => Promise<unknown>): Promise<Record<string, string>> {
    await call();
    return plaza.calls.at(-1)?.headers ?? {};
  }

  it("are made by the gateway, whatever the client sends, over REST", async () => {
    const headers = {
      ...forged,
      "user-agent": Buffer.from(forged["user-agent"]).toString("latin1"),
    };
    const got = await seen(() => fetch(`${plaza.url()}/v1/posts/${postId}`, { headers }));
    assert.deepEqual(Object.keys(got).sort(), ["plaza-address", "plaza-user-agent", "traceparent"]);
    assert.equal(got["plaza-address"], "127.0.0.1");
    assert.match(got["plaza-user-agent"] ?? "", /^Test\/1\.0 [\x20-\x7e]{291}$/);
  });

  it("are made by the gateway, whatever the client sends, over gRPC", async () => {
    const posts = createClient(PostService, createGrpcTransport({ baseUrl: plaza.url() }));
    const { "user-agent": _, ...headers } = forged;
    const got = await seen(() => posts.getPost({ id: postId }, { headers }));
    assert.deepEqual(Object.keys(got).sort(), ["plaza-address", "plaza-user-agent", "traceparent"]);
    assert.equal(got["plaza-address"], "127.0.0.1");
  });

  it("continue the client's trace, whose id the response carries", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    let answer: Response | undefined;
    const got = await seen(async () => {
      answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    });
    assert.equal(got["traceparent"]?.split("-")[1], traceId);
    assert.equal(answer?.headers.get("trace-id"), traceId);
  });
});

describe("a call with a timeout of 0", () => {
  let begun = 0;
  const inMemory = createLocalTransport([
    {
      contract: NoteService,
      implementation: {
        async *watch() {
          begun++;
          yield {};
        },
      } as never,
    },
  ]);
  const plaza = testGateway(
    {},
    { extraService: { contract: NoteService, transport: () => inMemory } },
  );
  const isLate = ({ code }: ConnectError) => code === Code.DeadlineExceeded;

  it("times out over REST", async () => {
    for (const path of [`/v1/posts/${postId}`, "/v1/boards/1:watch"]) {
      const answer = await fetch(`${plaza.url()}${path}`, { headers: { "grpc-timeout": "0S" } });
      assert.equal(answer.status, 504, path);
      assert.match(await answer.text(), /"code":4/);
    }
    assert.deepEqual([begun, plaza.calls.length], [0, 0]);
  });

  it("times out over Connect, gRPC-Web and gRPC", async () => {
    for (const protocol of mainRpcProtocols) {
      const transport = transportOver(protocol, plaza.url());
      const headers = { "grpc-timeout": "0S", "connect-timeout-ms": "0" };
      const posts = createClient(PostService, transport);
      await assert.rejects(posts.getPost({ id: postId }, { headers }), isLate);
      const notes = createClient(NoteService, transport);
      await assert.rejects(Array.fromAsync(notes.watch({}, { headers })), isLate);
    }
    assert.deepEqual([begun, plaza.calls.length], [0, 0]);
  });
});

describe("the response to a bug", () => {
  const plaza = testGateway(
    {},
    {
      posts: {
        getPost: () => {
          throw new Error("password=hunter2 at 10.0.0.7:5432");
        },
      },
    },
  );

  it("reveals nothing of it but a trace id", async () => {
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`);
    assert.equal(answer.status, 500);
    assert.match(answer.headers.get("trace-id") ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual(await answer.json(), { code: 13, message: "internal error" });
  });
});
