import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { retainedBytes } from "@plaza/grpc/testing";
import { connectRaw } from "../testing/raw-socket.ts";
import { testGateway } from "../testing/test-gateway.ts";
import { splitEnvelopes } from "./envelopes.ts";

const grpcWeb = "application/grpc-web+proto";

function message(length: number, present = length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.alloc(present, "x")]);
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The lengths of the pieces into which a body is split that comes in chunks of `size` bytes. */
async function lengthsOf(body: Buffer, size: number, type: string, max = 1_000): Promise<number[]> {
  const pieces = await Array.fromAsync(splitEnvelopes(cut(body, size), type, max));
  assert.deepEqual(Buffer.concat(pieces), body);
  return pieces.map(({ length }) => length);
}

describe("the body of an RPC", () => {
  const three = Buffer.concat([message(3), message(0), message(700)]);

  it("is passed on message by message, however it is chunked", async () => {
    for (const type of [grpcWeb, "application/grpc-web-text", "application/connect+json"]) {
      for (const size of [1, 2, 4])
        assert.deepEqual(await lengthsOf(three, size, type), [8, 5, 705]);
      assert.deepEqual(await lengthsOf(three, 15, type), [13, 705]);
      assert.deepEqual(await lengthsOf(three, 9_999, type), [718]);
    }
  });

  it("is passed on whole when it is one message", async () => {
    assert.deepEqual(await lengthsOf(three, 1, "application/proto"), [718]);
    assert.deepEqual(await lengthsOf(Buffer.alloc(0), 1, "application/proto"), []);
  });

  it("is passed on as soon as a message is complete", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const body = (async function* () {
      yield Buffer.concat([message(3), message(4).subarray(0, 6)]);
      await promise;
    })();
    const pieces = splitEnvelopes(body, grpcWeb, 1_000);
    assert.equal((await pieces.next()).value?.length, 8);
    resolve();
    assert.equal((await pieces.next()).value?.length, 6);
    assert.equal((await pieces.next()).done, true);
  });

  it("is not read ahead", async () => {
    let yielded = 0;
    const body = (async function* () {
      for (; ; yielded++) yield message(1);
    })();
    const pieces = splitEnvelopes(body, grpcWeb, 1_000);
    await pieces.next();
    await sleep(20);
    assert.equal(yielded, 0);
    await pieces.return(undefined);
  });

  it("is passed on to be refused as soon as it is known to be too large", async () => {
    assert.equal((await lengthsOf(message(1_001, 40), 1, grpcWeb))[0], 5);
    const [first = 0] = await lengthsOf(Buffer.alloc(2_000), 1, "application/json");
    assert.ok(first > 1_000 && first < 1_010, `${first}`);
  });
});

describe("a body of 60,000 chunks", () => {
  const plaza = testGateway();
  const count = 60_000;
  // A chunk that is kept takes about 200 bytes.
  const maxRetainedBytes = 100 * count;
  const chunks = Buffer.from("1\r\nx\r\n".repeat(count));
  const head = (path: string, type: string) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const rpc = "/plaza.posts.v1.PostService/CreatePost";

  for (const [name, path, type, first] of [
    ["gRPC-Web", rpc, grpcWeb, message(1_000_001, 0)],
    ["Connect", rpc, "application/json", undefined],
    ["REST", "/v1/posts", "application/json", undefined],
  ] as const) {
    it(`neither fills the memory nor blocks others: ${name}`, { timeout: 30_000 }, async () => {
      const warmUp = await connectRaw(plaza.port());
      warmUp.write(`${head(path, type)}1\r\nx\r\n0\r\n\r\n`);
      await warmUp.readUntil("\r\n\r\n");
      warmUp.socket.destroy();
      assert.equal((await fetch(`${plaza.url()}/livez`)).status, 200);
      const before = await retainedBytes();
      const raw = await connectRaw(plaza.port());
      raw.write(head(path, type));
      if (first) raw.write(Buffer.concat([Buffer.from("5\r\n"), first, Buffer.from("\r\n")]));
      if (!raw.socket.write(chunks)) await once(raw.socket, "drain");
      assert.equal((await fetch(`${plaza.url()}/livez`)).status, 200);
      // The test runner forgets promises some turns after they are collected.
      let retained = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 20 && retained >= maxRetainedBytes; i++) {
        retained = (await retainedBytes()) - before;
      }
      assert.ok(retained < maxRetainedBytes, `${retained}`);
      raw.write("1\r\nx\r\n0\r\n\r\n");
      assert.match(await raw.readUntil("\r\n\r\n"), /^HTTP\/1\.1 (200|400) /);
      raw.socket.destroy();
    });
  }
});
