import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type Client, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { data, Flag } from "../testing/frames.ts";
import { InProcessPeer } from "../testing/in-process-peer.ts";
import { grpcMessage, gzipEncodingFields } from "../testing/malformed-input.ts";
import {
  EMPTY_MESSAGE,
  openRequest,
  REQUEST,
  replaceField,
  request,
  unknownMessage,
} from "../testing/messages.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";
import { createGrpcTransport } from "../transport.ts";

const mebibyte = 1024 * 1024;

let test: TestServiceServer;
let peers: InProcessPeer[] = [];
afterEach(async () => {
  for (const peer of peers) peer.destroy();
  peers = [];
  await test.close();
  assertNoUncaughtErrors();
});

function connect(): InProcessPeer {
  const peer = new InProcessPeer(test.server);
  peers.push(peer);
  return peer;
}

const fieldsFor = (method: string) =>
  replaceField(REQUEST, ":path", `/grpc.testing.TestService/${method}`);

/** Calls that arrive at once. */
const calls = (count: number, method: string) => {
  const one = (n: number) =>
    Buffer.concat([
      openRequest(2 * n + 1, fieldsFor(method)),
      data(2 * n + 1, EMPTY_MESSAGE, Flag.END_STREAM),
    ]);
  return Buffer.concat(Array.from({ length: count }, (_, n) => one(n)));
};

describe("a polite client's call is served", () => {
  it("before the thousands that arrived at once on other connections", async () => {
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    test = await startTestServer(
      { limits: { maxConcurrentStreams: 10_000 } },
      {
        unaryCall: () => {
          if (order.push("greedy") === 4 * 2_000 + 1) done.resolve();
          return {};
        },
        emptyCall: () => {
          order.push("polite");
          return {};
        },
      },
    );
    const greedy = Array.from({ length: 4 }, connect);
    const polite = connect();
    for (const peer of greedy) peer.write(calls(2_000, "UnaryCall"));
    polite.write(request(1));
    await done.promise;
    const position = order.indexOf("polite");
    assert.ok(position >= 0 && position < 1_000, `after ${position} calls`);
  });

  it("before the thousands of small messages of a stream", async () => {
    const count = 13_000;
    const seen = { messages: 0, atPoliteCall: 0 };
    test = await startTestServer(
      {},
      {
        async streamingInputCall(requests) {
          for await (const _ of requests) seen.messages += 1;
          return {};
        },
        emptyCall: () => {
          seen.atPoliteCall = seen.messages;
          return {};
        },
      },
    );
    const greedy = connect();
    const polite = connect();
    greedy.write(openRequest(1, fieldsFor("StreamingInputCall")));
    for (let n = 0; n < count; n += 1_000) greedy.write(data(1, Buffer.alloc(5_000)));
    greedy.write(data(1, Buffer.of(), Flag.END_STREAM));
    await greedy.settle();
    polite.write(request(1));
    while (seen.messages < count) await polite.settle();
    assert.ok(seen.atPoliteCall < count / 2, `after ${seen.atPoliteCall} messages`);
  });

  it("before a large message is decompressed that came earlier", async () => {
    const order: string[] = [];
    test = await startTestServer(
      {},
      {
        unaryCall: () => {
          order.push("large");
          return {};
        },
        emptyCall: () => {
          order.push("polite");
          return {};
        },
      },
    );
    const bomb = grpcMessage(1, gzipSync(unknownMessage(2 * mebibyte - 1).subarray(5)));
    const greedy = connect();
    const polite = connect();
    const fields = [...fieldsFor("UnaryCall"), ...gzipEncodingFields];
    greedy.write(Buffer.concat([openRequest(1, fields), data(1, bomb, Flag.END_STREAM)]));
    polite.write(request(1));
    while (order.length < 2) await polite.settle();
    assert.deepEqual(order, ["polite", "large"]);
  });
});

describe("what waits for its turn", () => {
  it("is read when the connection ends", async () => {
    test = await startTestServer({ limits: { maxConcurrentStreams: 10_000 } });
    const peer = connect();
    peer.write(calls(2_000, "EmptyCall"));
    peer.end();
    while (test.server.connectionCount > 0) await peer.settle();
    assert.equal(test.counts.calls, 2_000);
  });
});

describe("messages in gzip", () => {
  function gzipClient(): Client<typeof TestService> & { close(): void } {
    const transport = createGrpcTransport({ address: test.address, compressMinBytes: 100 });
    return Object.assign(createClient(TestService, transport), { close: () => transport.close() });
  }

  it("keep their order, whether they are decompressed at once or not", async () => {
    test = await startTestServer({ compressMinBytes: 100 });
    const client = gzipClient();
    const sizes = [500_000, 10, 200, 20_000, 0, 1_000_000, 15_000, 5];
    async function* requests() {
      for (const size of sizes) yield { payload: { body: new Uint8Array(size) } };
    }
    const received: (number | undefined)[] = [];
    for await (const { payload } of client.fullDuplexCall(requests())) {
      received.push(payload?.body.length);
    }
    assert.deepEqual(received, sizes);
    const { payload } = await client.unaryCall({ responseSize: 1_000_000 });
    assert.equal(payload?.body.length, 1_000_000);
    client.close();
  });

  it("may become larger than gzip says at its end", async () => {
    const bodies: number[] = [];
    test = await startTestServer(
      {},
      {
        unaryCall({ payload }) {
          bodies.push(payload?.body.length ?? -1);
          return {};
        },
      },
    );
    const message = unknownMessage(100_000).subarray(5);
    const parts = [message.subarray(0, -1), message.subarray(-1)].map((part) => gzipSync(part));
    const peer = connect();
    const fields = [...fieldsFor("UnaryCall"), ...gzipEncodingFields];
    const body = grpcMessage(1, Buffer.concat(parts));
    peer.write(Buffer.concat([openRequest(1, fields), data(1, body, Flag.END_STREAM)]));
    while (bodies.length === 0) await peer.settle();
    assert.deepEqual(bodies, [-1]);
  });

  it("end the call when they cannot be read, after those before them", async () => {
    const seen: string[] = [];
    test = await startTestServer(
      {},
      {
        async streamingInputCall(requests) {
          try {
            for await (const _ of requests) seen.push("message");
          } catch (error) {
            seen.push(String(error));
          }
          return {};
        },
      },
    );
    const good = grpcMessage(1, gzipSync(unknownMessage(100_000).subarray(5)));
    const bad = Buffer.from(good);
    bad.fill(0xff, bad.length - 20);
    const peer = connect();
    peer.write(openRequest(1, [...fieldsFor("StreamingInputCall"), ...gzipEncodingFields]));
    peer.write(data(1, Buffer.concat([good, good, bad, good]), Flag.END_STREAM));
    while (seen.length < 3) await peer.settle();
    assert.deepEqual(seen, [
      "message",
      "message",
      "ConnectError: [internal] a compressed message is corrupt",
    ]);
  });

  it("that wait are dropped when their call is cancelled", async () => {
    test = await startTestServer();
    const client = gzipClient();
    const controller = new AbortController();
    const body = new Uint8Array(mebibyte);
    const calls = Array.from({ length: 50 }, () =>
      client.unaryCall({ payload: { body } }, { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(), 20);
    const results = await Promise.allSettled(calls);
    assert.ok(results.some(({ status }) => status === "rejected"));
    await client.emptyCall({});
    client.close();
  });
});
