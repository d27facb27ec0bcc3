import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createNetServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import {
  type ConnectionLimits,
  checkIntervalMs,
  defaultConnectionLimits,
} from "../http2/connection-limits.ts";
import {
  CLIENT_PREFACE_MAGIC,
  data,
  ErrorCode,
  Flag,
  type Frame,
  FrameType,
  frame,
  ping,
  settings,
  settingsAck,
} from "../testing/frames.ts";
import { EMPTY_MESSAGE, openRequest, wholeResponse } from "../testing/messages.ts";
import { RawPeer } from "../testing/peer.ts";
import {
  connectionError,
  type Expectation,
  emptyResponse,
  playScript,
  requestArrives,
} from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";
import { createGrpcTransport } from "../transport.ts";

const unlimited: Partial<ConnectionLimits> = { maxIdleMs: 0, maxAgeMs: 0, keepaliveIntervalMs: 0 };

/** Runs `work` against a server with these limits, and asserts that nothing is left of it. */
async function withLimits(
  limits: Partial<ConnectionLimits>,
  work: (test: TestServiceServer) => Promise<void>,
) {
  const test = await startTestServer({ limits: { ...unlimited, ...limits } });
  try {
    await work(test);
  } finally {
    await test.close();
  }
  assertNoUncaughtErrors();
}

const goesAway = (code: number): Expectation => {
  return async (peer) => {
    const frame = await peer.takeFrame(({ type }) => type === FrameType.GOAWAY, "GOAWAY");
    assert.equal(frame.payload.readUInt32BE(4), code);
  };
};

/** Answers every PING, as a peer does that is alive. */
function answerPings(peer: RawPeer): void {
  const answerNext = async (): Promise<void> => {
    const { payload } = await peer.takeFrame(
      ({ type, flags }) => type === FrameType.PING && !flags,
      "PING",
    );
    peer.write(ping(payload.toString("latin1"), Flag.ACK));
    await answerNext();
  };
  answerNext().catch(() => undefined);
}

const pingsTo = (peer: RawPeer): Frame[] =>
  peer.frames.filter(({ type, flags }) => type === FrameType.PING && !flags);

/** Runs `work` as a server, behind a call that a client with these limits has made. */
async function withScriptedServer(
  limits: Partial<ConnectionLimits>,
  work: (
    peer: RawPeer,
    callEnds: Promise<unknown>,
    nextPeer: () => Promise<RawPeer>,
    call: () => Promise<unknown>,
  ) => Promise<void>,
): Promise<void> {
  const server = createNetServer();
  const nextPeer = async () => {
    const [socket] = await once(server, "connection");
    const peer = new RawPeer(socket, "server", { timeoutMs: 5_000 });
    await playScript(peer, [settings(), settingsAck, requestArrives(1)]);
    return peer;
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const transport = createGrpcTransport({ address: `http://127.0.0.1:${port}`, limits });
  const call = () => createClient(TestService, transport).emptyCall({});
  const callEnds = call();
  callEnds.catch(() => undefined);
  const peer = await nextPeer();
  try {
    await work(peer, callEnds, nextPeer, call);
  } finally {
    transport.close();
    peer.destroy();
    server.close();
  }
}

describe("the time limits of a connection", () => {
  it("are checked once a second, or as often as the shortest of them needs", () => {
    assert.equal(checkIntervalMs(defaultConnectionLimits), 1_000);
    assert.equal(checkIntervalMs({ ...defaultConnectionLimits, maxIdleMs: 200 }), 50);
  });

  const hellos = [
    { what: "sends nothing", hello: Buffer.of() },
    { what: "sends half of the preface", hello: CLIENT_PREFACE_MAGIC.subarray(0, 10) },
    {
      what: "does not acknowledge the settings",
      hello: Buffer.concat([CLIENT_PREFACE_MAGIC, settings()]),
    },
    {
      what: "does not acknowledge the settings, but sends PINGs",
      hello: Buffer.concat([CLIENT_PREFACE_MAGIC, settings(), ping("12345678")]),
    },
  ];
  for (const { what, hello } of hellos) {
    it(`close the connection of a client that ${what}`, () =>
      withLimits({ handshakeTimeoutMs: 100 }, async ({ server }) => {
        const peer = await RawPeer.connect(server.port);
        peer.write(hello);
        await connectionError("SETTINGS_TIMEOUT")(peer);
      }));
  }

  it("close a connection without streams after the idle timeout", () =>
    withLimits({ maxIdleMs: 150 }, async (test) => {
      const peer = await test.connectPeer();
      answerPings(peer);
      peer.write(openRequest(1));
      await sleep(300);
      assert.equal(test.server.connectionCount, 1);
      peer.write(data(1, EMPTY_MESSAGE, Flag.END_STREAM));
      await playScript(peer, [emptyResponse(1), goesAway(ErrorCode.NO_ERROR)]);
      await peer.waitForClose();
    }));

  it("close the connection of an idle client that does not respond to GOAWAY", () =>
    withLimits({ maxIdleMs: 100, keepaliveTimeoutMs: 100 }, async (test) => {
      const peer = await test.connectPeer();
      await goesAway(ErrorCode.NO_ERROR)(peer);
      const chatter = setInterval(() => peer.write(ping("12345678")), 20);
      await peer.waitForClose().finally(() => clearInterval(chatter));
    }));

  it("close a connection of maximum age: GOAWAY twice, and the running call completes", () =>
    withLimits({ maxAgeMs: 100 }, async (test) => {
      const peer = await test.connectPeer();
      answerPings(peer);
      peer.write(openRequest(1));
      await playScript(peer, [goesAway(ErrorCode.NO_ERROR), goesAway(ErrorCode.NO_ERROR)]);
      const [first, second] = peer.frames.filter(({ type }) => type === FrameType.GOAWAY);
      assert.equal(first?.payload.readUInt32BE(), 2 ** 31 - 1);
      assert.equal(second?.payload.readUInt32BE(), 1);
      peer.write(data(1, EMPTY_MESSAGE, Flag.END_STREAM));
      await emptyResponse(1)(peer);
      await peer.waitForClose();
    }));

  it("differ between connections, so that they do not all close at once", () =>
    withLimits({ maxAgeMs: 400, keepaliveTimeoutMs: 80 }, async (test) => {
      const peers = await Promise.all(Array.from({ length: 20 }, () => test.connectPeer()));
      const begin = performance.now();
      const ends = peers.map(async (peer) => {
        await goesAway(ErrorCode.NO_ERROR)(peer);
        return Math.round((performance.now() - begin) / 10);
      });
      assert.ok(new Set(await Promise.all(ends)).size > 1);
    }));

  it("close the connection of a client that stops responding to PING, and not of others", () =>
    withLimits({ keepaliveIntervalMs: 80, keepaliveTimeoutMs: 80 }, async (test) => {
      const [silent, alive] = await Promise.all([test.connectPeer(), test.connectPeer()]);
      answerPings(alive);
      await silent.waitForClose();
      await sleep(200);
      assert.equal(alive.isClosed, false);
    }));

  it("do not make a client send PINGs unless it is told to", () =>
    withScriptedServer({}, async (peer, callEnds) => {
      await sleep(300);
      assert.deepEqual(pingsTo(peer), []);
      peer.write(wholeResponse(1));
      await callEnds;
    }));

  it("make a client send PINGs while it has calls, and none without", () =>
    withScriptedServer({ keepaliveIntervalMs: 40 }, async (peer, callEnds) => {
      answerPings(peer);
      while (pingsTo(peer).length < 3) await sleep(10);
      peer.write(wholeResponse(1));
      await callEnds;
      const sent = pingsTo(peer).length;
      await sleep(300);
      assert.ok(pingsTo(peer).length <= sent + 1, `${pingsTo(peer).length} PINGs, ${sent} before`);
    }));

  it("make a client wait twice as long after a server found its PINGs too many (gRFC A8)", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const limits = { keepaliveIntervalMs: 400, keepaliveTimeoutMs: 60_000 };
    await withScriptedServer(limits, async (peer, callEnds, nextPeer, call) => {
      const calm = [0, 0, 0, 1, 0, 0, 0, ErrorCode.ENHANCE_YOUR_CALM];
      const payload = Buffer.concat([Buffer.from(calm), Buffer.from("too_many_pings")]);
      peer.write(frame(FrameType.GOAWAY, 0, 0, payload));
      peer.destroy();
      await assert.rejects(callEnds, {
        code: Code.Unavailable,
        rawMessage: 'the connection was lost: GOAWAY with code 11 "too_many_pings"',
      });
      const second = call();
      const next = await nextPeer();
      const begin = performance.now();
      while (pingsTo(next).length === 0) await sleep(5);
      assert.ok(performance.now() - begin > 700, `${performance.now() - begin} ms`);
      next.write(wholeResponse(1));
      await second;
    });
    process.off("warning", onWarning);
    assert.match(String(warnings[0]), /PINGs too many/);
  });

  it("close the connection of a server that stops responding: its calls fail with UNAVAILABLE", async () => {
    const sockets: Socket[] = [];
    const server = createNetServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined).resume();
      socket.write(settings());
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const transport = createGrpcTransport({
      address: `http://127.0.0.1:${port}`,
      limits: { keepaliveIntervalMs: 60, keepaliveTimeoutMs: 60 },
    });
    const call = createClient(TestService, transport).emptyCall({});
    await assert.rejects(call, (error) => ConnectError.from(error).code === Code.Unavailable);
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
