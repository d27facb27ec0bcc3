import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { SimpleRequestSchema } from "../gen/grpc/testing/messages_pb.ts";
import type { ConnectionLimits } from "../http2/connection-limits.ts";
import {
  continuation,
  data,
  Flag,
  headers,
  SettingId,
  settings,
  windowUpdate,
} from "../testing/frames.ts";
import { InProcessPeer } from "../testing/in-process-peer.ts";
import { grpcMessage } from "../testing/malformed-input.ts";
import {
  headerBlock,
  openRequest,
  REQUEST,
  replaceField,
  unknownMessage,
} from "../testing/messages.ts";
import { retainedBytes } from "../testing/retained-memory.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const mebibyte = 1024 * 1024;
const limits: Partial<ConnectionLimits> = {
  maxIdleMs: 0,
  keepaliveIntervalMs: 0,
  requestTimeoutMs: 0,
  maxConcurrentStreams: 1_000,
};

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

/** Asserts that after some work no more than so many bytes are held, once all garbage is collected. */
async function assertHeldBytes(most: number, work: () => Promise<void>): Promise<void> {
  const before = await retainedBytes();
  await work();
  let held = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20 && held > most; round++) {
    held = (await retainedBytes()) - before;
  }
  assert.ok(held <= most, `${held} bytes`);
}

/** Waits until something is so. */
async function until(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !isDone(); round++) await sleep(10);
  assert.ok(isDone());
}

describe("the memory of what has arrived", () => {
  const count = 500;

  for (const { what, method, isRead } of [
    { what: "the only message of a call", method: "UnaryCall", isRead: true },
    { what: "a message of a stream", method: "StreamingInputCall", isRead: true },
    { what: "a stream that no handler reads", method: "StreamingInputCall", isRead: false },
  ]) {
    it(`does not include the chunks of the socket: a part of ${what}`, async () => {
      const unread = { streamingInputCall: () => new Promise<never>(() => undefined) };
      test = await startTestServer({ limits }, isRead ? {} : unread);
      const peer = connect();
      const part = unknownMessage(1_000).subarray(0, 33);
      // A call takes some kilobytes.
      await assertHeldBytes(count * 8 * 1_024, async () => {
        for (let stream = 1; stream < 2 * count; stream += 2) {
          peer.write(openRequest(stream, fieldsFor(method)));
          peer.writeInLargeChunk(data(stream, part));
        }
        await peer.settle();
      });
    });
  }

  it("does not include the whole buffer when most of it was read", async () => {
    const release = Promise.withResolvers<void>();
    test = await startTestServer(
      { limits },
      {
        async streamingInputCall(requests) {
          const messages = requests[Symbol.asyncIterator]();
          await release.promise;
          await messages.next();
          return new Promise<never>(() => undefined);
        },
      },
    );
    const peer = connect();
    const large = data(1, unknownMessage(16_000)).subarray(9);
    await assertHeldBytes(100 * 8 * 1_024, async () => {
      for (let stream = 1; stream < 200; stream += 2) {
        peer.write(openRequest(stream, fieldsFor("StreamingInputCall")));
        peer.write(data(stream, large.subarray(0, 8_000)));
        peer.write(data(stream, Buffer.concat([large.subarray(8_000), large.subarray(0, 33)])));
        await peer.settle();
      }
      release.resolve();
      await peer.settle();
    });
  });

  const byteByByte = [
    { what: "a frame", bytes: data(1, Buffer.alloc(1_000)) },
    { what: "the header of a frame", bytes: data(1, Buffer.alloc(1_000)).subarray(0, 8) },
    { what: "small frames", bytes: Buffer.concat(Array(100).fill(data(1, Buffer.of(0)))) },
  ];
  for (const { what, bytes } of byteByByte) {
    it(`does not grow with the number of its pieces: ${what}`, async () => {
      test = await startTestServer({ limits });
      await assertHeldBytes(4 * 256 * 1_024, async () => {
        for (let n = 0; n < 4; n++) {
          const peer = connect();
          peer.write(openRequest(1, fieldsFor("UnaryCall")));
          for (const byte of bytes.subarray(0, -1)) peer.writeInLargeChunk(Buffer.of(byte));
          await peer.settle();
        }
      });
    });
  }

  it("does not include the chunks of a header block that is incomplete", async () => {
    test = await startTestServer({ limits });
    await assertHeldBytes(100 * 32 * 1_024, async () => {
      for (let n = 0; n < 100; n++) {
        const peer = connect();
        peer.writeInLargeChunk(headers(1, headerBlock(REQUEST), 0));
        for (let part = 0; part < 8; part++) {
          peer.writeInLargeChunk(continuation(1, headerBlock([["x-a", `${part}`]]), 0));
        }
        await peer.settle();
      }
    });
  });

  it("is bounded over all connections, for streams that no handler reads", async () => {
    const unread = { streamingInputCall: () => new Promise<never>(() => undefined) };
    test = await startTestServer({ limits, maxPartialMessageBytes: 2 * mebibyte }, unread);
    const message = unknownMessage(16_000);
    await assertHeldBytes(6 * mebibyte, async () => {
      for (let n = 0; n < 20; n++) {
        const peer = connect();
        for (let stream = 1; stream < 20; stream += 2) {
          peer.write(openRequest(stream, fieldsFor("StreamingInputCall")));
          for (let part = 0; part < 4; part++) peer.write(data(stream, message));
        }
        await peer.settle();
      }
    });
  });
});

describe("the memory of responses that wait to be sent", () => {
  const maxQueuedResponseBytes = 16 * mebibyte;

  /** A call that asks for one answer of this size. */
  function callFor(stream: number, responseSize: number): Buffer {
    const message = toBinary(SimpleRequestSchema, create(SimpleRequestSchema, { responseSize }));
    return Buffer.concat([
      openRequest(stream, fieldsFor("UnaryCall")),
      data(stream, grpcMessage(0, message), Flag.END_STREAM),
    ]);
  }

  it("is bounded over all connections: that which holds most is disconnected", async () => {
    test = await startTestServer({ limits, maxQueuedResponseBytes });
    const small = connect();
    small.write(Buffer.concat([settings([SettingId.INITIAL_WINDOW_SIZE, 0]), callFor(1, 100_000)]));
    const before = await retainedBytes();
    let most = 0;
    for (let n = 0; n < 12; n++) {
      const peer = connect();
      peer.write(settings([SettingId.INITIAL_WINDOW_SIZE, 0]));
      for (let stream = 1; stream < 10; stream += 2) peer.write(callFor(stream, mebibyte));
      await peer.settle();
      most = Math.max(most, (await retainedBytes()) - before);
    }
    assert.ok(most < maxQueuedResponseBytes + 4 * mebibyte, `${most} bytes`);
    assert.ok(most > maxQueuedResponseBytes / 2, `${most} bytes`);
    assert.ok(test.server.connectionCount < 6, `${test.server.connectionCount} connections`);
    small.write(windowUpdate(1, 200_000));
    small.write(windowUpdate(0, 200_000));
    await until(() => small.receivedBytes > 100_000);
  });

  it("counts a message until its last byte is sent", async () => {
    test = await startTestServer({ limits, maxQueuedResponseBytes });
    const size = 60_000;
    await assertHeldBytes(maxQueuedResponseBytes + 4 * mebibyte, async () => {
      for (let n = 0; n < 12; n++) {
        const peer = connect();
        peer.write(
          Buffer.concat([
            settings([SettingId.INITIAL_WINDOW_SIZE, size]),
            windowUpdate(0, 2 ** 30),
          ]),
        );
        for (let stream = 1; stream < 200; stream += 2) peer.write(callFor(stream, size));
        await peer.settle();
      }
    });
  });
});
