import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  SimpleRequestSchema,
  StreamingOutputCallRequestSchema,
} from "../gen/grpc/testing/messages_pb.ts";
import type { ConnectionLimits } from "../http2/connection-limits.ts";
import {
  CLIENT_PREFACE_MAGIC,
  data,
  Flag,
  FrameType,
  headers,
  ping,
  SettingId,
  settings,
  settingsAck,
  windowUpdate,
} from "../testing/frames.ts";
import { type HeaderField, headerBlock, REQUEST, replaceField } from "../testing/messages.ts";
import { retainedBytes } from "../testing/retained-memory.ts";
import { connectionError } from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const limits: Partial<ConnectionLimits> = {
  keepaliveTimeoutMs: 400,
  maxIdleMs: 0,
  keepaliveIntervalMs: 0,
};
const mebibyte = 1024 * 1024;

const pathTo = (method: string): HeaderField[] =>
  replaceField(REQUEST, ":path", `/grpc.testing.TestService/${method}`);

/** A whole call on a stream. */
function call(stream: number, method: string, message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const body = Buffer.concat([prefix, message]);
  return Buffer.concat([
    headers(stream, headerBlock(pathTo(method))),
    data(stream, body, Flag.END_STREAM),
  ]);
}

/** Calls that each ask for one answer of this size. */
function callsFor(count: number, responseSize: number): Buffer {
  const message = toBinary(SimpleRequestSchema, create(SimpleRequestSchema, { responseSize }));
  return Buffer.concat(
    Array.from({ length: count }, (_, n) => call(2 * n + 1, "UnaryCall", message)),
  );
}

/** Connects without ever reading from the socket. */
async function deaf(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined).pause();
  await once(socket, "connect");
  socket.write(
    Buffer.concat([CLIENT_PREFACE_MAGIC, settings([SettingId.INITIAL_WINDOW_SIZE, 2 ** 31 - 1])]),
  );
  socket.write(Buffer.concat([settingsAck, windowUpdate(0, 2 ** 31 - 65_536)]));
  return socket;
}

// First, because the sockets of other tests take a while to close.
describe("a client that disconnects without having read", () => {
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer({ limits });
  });
  after(() => test.close());

  it("leaves no socket behind", async () => {
    const open = openSockets();
    const socket = await deaf(test.server.port);
    socket.write(callsFor(100, 100_000));
    await sleep(100);
    assert.equal(openSockets(), open + 2);
    socket.end();
    await sleep(100);
    assert.equal(openSockets(), open + 1, "only the client's own");
    socket.destroy();
  });
});

describe("a client that does not read", () => {
  let test: TestServiceServer;
  let pulls = 0;
  let endings = 0;
  before(async () => {
    test = await startTestServer(
      { limits },
      {
        async *streamingOutputCall() {
          try {
            for (;;) {
              pulls += 1;
              yield { payload: { body: new Uint8Array(16_000) } };
            }
          } finally {
            endings += 1;
          }
        },
      },
    );
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  it("its socket is disconnected, though it keeps sending, and others are served", async () => {
    const socket = await deaf(test.server.port);
    socket.write(callsFor(1_000, 100_000));
    const chatter = setInterval(() => socket.write(ping("12345678")), 20).unref();
    const bystander = test.createClient();
    await bystander.unaryCall({ responseSize: 100_000 });
    while (test.server.connectionCount > 1) await sleep(20);
    clearInterval(chatter);
    await bystander.unaryCall({ responseSize: 100_000 });
    socket.destroy();
  });

  it("what its windows allow is disconnected, though it reads the socket and sends PINGs", async () => {
    const peer = await test.connectPeer();
    peer.write(callsFor(1_000, 100_000));
    const chatter = setInterval(() => peer.write(ping("12345678")), 20).unref();
    await connectionError("ENHANCE_YOUR_CALM")(peer).finally(() => clearInterval(chatter));
  });

  it("but a little at a time is disconnected", async () => {
    const peer = await test.connectPeer();
    peer.write(settings([SettingId.INITIAL_WINDOW_SIZE, 0]));
    peer.write(callsFor(100, 100_000));
    let stream = 1;
    const dribble = setInterval(() => {
      peer.write(windowUpdate(stream, 1_024));
      stream += 2;
    }, 20).unref();
    await connectionError("ENHANCE_YOUR_CALM")(peer).finally(() => clearInterval(dribble));
  });

  it("is not disconnected while less than 1 MiB is queued", async () => {
    const peer = await test.connectPeer();
    peer.write(callsFor(8, 100_000));
    await sleep(900);
    assert.equal(peer.isClosed, false);
  });

  it("holds a streaming handler back, which ends with the connection", async () => {
    const request = toBinary(
      StreamingOutputCallRequestSchema,
      create(StreamingOutputCallRequestSchema, {}),
    );
    const peer = await test.connectPeer();
    pulls = 0;
    peer.write(call(1, "StreamingOutputCall", request));
    await sleep(100);
    const most = Math.ceil((65_535 + 64 * 1024) / 16_000) + 1;
    assert.ok(pulls > 2 && pulls <= most, `${pulls} pulls`);
    endings = 0;
    peer.destroy();
    await sleep(50);
    assert.equal(endings, 1);
  });
});

describe("a client that does not read, until it is disconnected,", () => {
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer({ limits: { ...limits, keepaliveTimeoutMs: 60_000 } });
  });
  after(() => test.close());

  it("is refused new streams once 64 MiB of responses are queued", async () => {
    const peer = await test.connectPeer();
    const { calls } = test.counts;
    peer.write(callsFor(40, 4_000_000));
    await peer.takeFrame(({ type }) => type === FrameType.RST_STREAM, "RST_STREAM");
    assert.ok(test.counts.calls - calls < 20, `${test.counts.calls - calls} calls`);
    peer.destroy();
  });

  it("takes little more memory than that, and gives it back", async () => {
    while (test.server.connectionCount > 0) await sleep(20);
    const before = await retainedBytes();
    const { calls } = test.counts;
    const socket = await deaf(test.server.port);
    socket.write(callsFor(1_000, 100_000));
    while (test.counts.calls - calls < 600) await sleep(20);
    const held = (await retainedBytes()) - before;
    assert.ok(held < 80 * mebibyte, `${held} bytes`);
    socket.destroy();
    while (test.server.connectionCount > 0) await sleep(20);
    const left = (await retainedBytes()) - before;
    assert.ok(left < 16 * mebibyte, `${left} bytes`);
  });
});

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
