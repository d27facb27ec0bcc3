import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { overloadedFault } from "@plaza/kit/overload/overloaded-fault";
import { mainRpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { connectRaw } from "../testing/raw-socket.ts";
import { createSteadyQueue } from "../testing/steady-queue.ts";
import { postId as id, testGateway } from "../testing/test-gateway.ts";

let isFull = false;
const admissionQueue: AdmissionQueue = {
  isOverloaded: () => isFull,
  acquire: () => (isFull ? Promise.reject(overloadedFault) : () => undefined),
};

describe("a call that has ended", () => {
  const plaza = testGateway();

  it("releases its slot, in every protocol", async () => {
    const baseUrl = plaza.url();
    const transports = mainRpcProtocols.map((protocol) => transportOver(protocol, baseUrl));
    const calls = [
      async () => assert.ok((await fetch(`${baseUrl}/v1/posts/${id}`)).ok),
      ...transports.map((one) => () => createClient(PostService, one).getPost({ id })),
    ];
    for (const call of calls) {
      // Far more than may be in flight at once, within the time for which calls count.
      for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 15 }, () => call()));
    }
  });
});

describe("clients that delay their bodies", () => {
  const plaza = testGateway({}, { admissionQueue: createSteadyQueue() });
  const status = async () => (await fetch(`${plaza.url()}/v1/posts/${id}`)).status;

  for (const [protocol, path] of [
    ["REST", "/v1/posts"],
    ["Connect", "/plaza.posts.v1.PostService/CreatePost"],
  ] as const) {
    it(`do not block others, and are served in the end: ${protocol}`, async () => {
      const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
      const signedIn = `${head}authorization: Bearer ${plaza.signIn()}\r\n`;
      const slow = await Promise.all(Array.from({ length: 100 }, () => connectRaw(plaza.port())));
      const body = '{"title":"A","body":"a"}';
      for (const raw of slow) raw.write(`${signedIn}content-length: ${body.length}\r\n\r\n`);
      await sleep(50);
      assert.equal(await status(), 200);
      assert.equal(await status(), 200);
      for (const raw of slow) {
        raw.write(body);
        assert.match(await raw.readUntil("\r\n\r\n"), /^HTTP\/1\.1 200 /);
        raw.socket.destroy();
      }
    });
  }
});

describe("a body that arrives when the process is overloaded", () => {
  const plaza = testGateway({}, { admissionQueue });

  for (const [path, type] of [
    ["/v1/posts", "application/json"],
    ["/plaza.posts.v1.PostService/CreatePost", "application/json"],
    ["/plaza.posts.v1.PostService/CreatePost", "application/grpc-web+proto"],
  ] as const) {
    it(`is rejected: ${path} in ${type}`, async () => {
      const before = plaza.calls.length;
      const raw = await connectRaw(plaza.port());
      raw.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 5\r\n\r\n`,
      );
      await sleep(50);
      isFull = true;
      raw.write(Buffer.alloc(5));
      const answer = await raw.readUntil("overloaded").finally(() => {
        isFull = false;
      });
      raw.socket.destroy();
      assert.match(answer, /the(%20| )server(%20| )is(%20| )overloaded/);
      assert.equal(plaza.calls.length, before);
    });
  }
});

describe("a service that hangs", () => {
  let isHanging = true;
  const hung: (() => void)[] = [];
  const plaza = testGateway(
    {},
    {
      admissionQueue: createSteadyQueue(),
      posts: {
        async getPost() {
          if (isHanging) await new Promise<void>((resolve) => hung.push(resolve));
          return { id };
        },
      },
    },
  );

  it("blocks calls of other services for a second at most", async () => {
    const status = async (path: string) => (await fetch(`${plaza.url()}${path}`)).status;
    const calls = Array.from({ length: 200 }, () => status(`/v1/posts/${id}`));
    for (let i = 0; i < 200 && hung.length < 64; i++) await sleep(5);
    assert.ok(hung.length >= 64);
    await sleep(1_300);
    assert.equal(await status("/v1/posts"), 200);
    isHanging = false;
    for (const proceed of hung) proceed();
    const statuses = new Set(await Promise.all(calls));
    assert.deepEqual([...statuses], [200]);
  });
});
