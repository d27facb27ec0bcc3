import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { lastFieldValue } from "../calls/metadata.ts";
import { HpackDecoder } from "../hpack/decoder.ts";
import type { ConnectionLimits } from "../http2/connection-limits.ts";
import type { ServerOptions } from "../server.ts";
import { data, ErrorCode, Flag, type Frame, FrameType, rstStream } from "../testing/frames.ts";
import { grpcMessage, gzipEncodingFields } from "../testing/malformed-input.ts";
import {
  EMPTY_MESSAGE,
  type HeaderField,
  openRequest,
  REQUEST,
  replaceField,
  unknownMessage,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import { retainedBytes } from "../testing/retained-memory.ts";
import { anyResponse, emptyResponse, pingAck, playScript } from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const mebibyte = 1024 * 1024;
const message = unknownMessage(16_000);
const part = message.subarray(0, 10_000);
const rest = message.subarray(10_000);

let test: TestServiceServer;
afterEach(async () => {
  await test.close();
  assertNoUncaughtErrors();
});

/** A raw peer of a server with these options, whose connections may otherwise lie for ever. */
async function peerOf({ limits, ...options }: Omit<ServerOptions, "routes">): Promise<RawPeer> {
  const unlimited: Partial<ConnectionLimits> = { maxIdleMs: 0, keepaliveIntervalMs: 0 };
  test = await startTestServer({ ...options, limits: { ...unlimited, ...limits } });
  return test.connectPeer();
}

/** Begins a call of a method. */
const begin = (stream: number, method: string, extra: readonly HeaderField[] = []): Buffer =>
  openRequest(stream, [
    ...replaceField(REQUEST, ":path", `/grpc.testing.TestService/${method}`),
    ...extra,
  ]);

/** How the calls on a connection ended so far: the status and the message of each, by its stream. */
function endings(peer: RawPeer): Map<number, string> {
  const decoder = new HpackDecoder({ maxTableSize: 4_096, maxListSize: 16 * 1024 });
  const all = new Map<number, string>();
  for (const { type, stream, payload } of peer.frames) {
    if (type !== FrameType.HEADERS) continue;
    const fields = decoder.decode(payload) ?? [];
    const status = lastFieldValue(fields, "grpc-status");
    const message = decodeURIComponent(lastFieldValue(fields, "grpc-message") ?? "");
    if (status !== undefined) all.set(stream, `${status} ${message}`.trim());
  }
  return all;
}

const tooSlow = "4 the request did not arrive in time";
const tooMuch = "8 too much data of incomplete requests is buffered; try again later";

describe("the request timeout", () => {
  const limits: Partial<ConnectionLimits> = { requestTimeoutMs: 100 };
  const slow = [
    { what: "does not come", method: "UnaryCall", begun: [] },
    { what: "stops in the middle", method: "UnaryCall", begun: [part] },
    { what: "is there, but has no end", method: "UnaryCall", begun: [message] },
    {
      what: "stops in the middle and has a stream for an answer",
      method: "StreamingOutputCall",
      begun: [part],
    },
  ];
  for (const { what, method, begun } of slow) {
    it(`ends for one that ${what}`, async () => {
      const peer = await peerOf({ limits });
      const bytes = begun.map((one) => data(1, one));
      await playScript(peer, [begin(1, method), ...bytes, anyResponse(1)]);
      assert.equal(endings(peer).get(1), tooSlow);
      await playScript(peer, [
        openRequest(3),
        data(3, EMPTY_MESSAGE, Flag.END_STREAM),
        emptyResponse(3),
      ]);
      assert.equal(test.counts.calls, 1, "only the second was begun");
    });
  }

  it("does not pass for a request that fills its window and needs more of it to end", async () => {
    const peer = await peerOf({ limits });
    const full = unknownMessage(65_535);
    peer.write(begin(1, "UnaryCall"));
    for (let at = 0; at < full.length; at += 16_000) {
      peer.write(data(1, full.subarray(at, at + 16_000)));
    }
    const grant = ({ type, stream }: Frame) => type === FrameType.WINDOW_UPDATE && stream === 1;
    await peer.takeFrame(grant, "WINDOW_UPDATE");
    await playScript(peer, [data(1, Buffer.of(), Flag.END_STREAM), anyResponse(1)]);
    assert.equal(endings(peer).get(1), "0");
  });

  it("passes for a request that arrives byte by byte", async () => {
    const peer = await peerOf({ limits });
    peer.write(begin(1, "UnaryCall"));
    let at = 0;
    const dribble = setInterval(() => peer.write(data(1, message.subarray(at, ++at))), 10);
    await anyResponse(1)(peer).finally(() => clearInterval(dribble));
    assert.equal(endings(peer).get(1), tooSlow);
  });

  it("does not apply to the messages of a stream, or while a handler runs", async () => {
    const work = sleep(300).then(() => ({}));
    test = await startTestServer({ limits }, { emptyCall: () => work });
    const peer = await test.connectPeer();
    peer.write(Buffer.concat([openRequest(1), data(1, EMPTY_MESSAGE, Flag.END_STREAM)]));
    peer.write(Buffer.concat([begin(3, "StreamingInputCall"), data(3, part)]));
    await emptyResponse(1)(peer);
    await playScript(peer, [data(3, rest, Flag.END_STREAM), anyResponse(3)]);
    assert.equal(endings(peer).get(3), "0");
  });
});

describe("the receive budget of all connections", () => {
  const limits: Partial<ConnectionLimits> = { requestTimeoutMs: 0 };

  for (const method of ["UnaryCall", "StreamingInputCall"]) {
    it(`refuses the newest messages beyond it: ${method}`, async () => {
      const first = await peerOf({ limits, maxPartialMessageBytes: 45_000 });
      const second = await test.connectPeer();
      for (const peer of [first, second]) {
        for (const stream of [1, 3])
          peer.write(Buffer.concat([begin(stream, method), data(stream, part)]));
        await pingAck(peer);
      }
      first.write(Buffer.concat([begin(5, method), data(5, part)]));
      await anyResponse(5)(first);
      assert.equal(endings(first).get(5), tooMuch);
      await anyResponse(3)(second);
      assert.equal(endings(second).get(3), tooMuch, "an eighth is made free");
      for (const [peer, stream] of [
        [first, 1],
        [first, 3],
        [second, 1],
      ] as const) {
        await playScript(peer, [data(stream, rest, Flag.END_STREAM), anyResponse(stream)]);
        assert.equal(endings(peer).get(stream), "0");
      }
    });
  }

  const ends = [
    { how: "are there", last: (stream: number) => data(stream, rest, Flag.END_STREAM) },
    { how: "are reset", last: (stream: number) => rstStream(stream, ErrorCode.CANCEL) },
    { how: "cannot be read", last: (stream: number) => data(stream, Buffer.concat([rest, part])) },
  ];
  for (const { how, last } of ends) {
    it(`no longer counts messages that ${how}`, async () => {
      const peer = await peerOf({ limits, maxPartialMessageBytes: 45_000 });
      for (let stream = 1; stream < 40; stream += 2) {
        await playScript(peer, [
          begin(stream, "UnaryCall"),
          data(stream, part),
          last(stream),
          pingAck,
        ]);
      }
      assert.ok(![...endings(peer).values()].includes(tooMuch));
    });
  }

  it("bounds memory to the bytes received", async () => {
    const peer = await peerOf({ limits });
    const bomb = grpcMessage(1, gzipSync(unknownMessage(mebibyte).subarray(5)));
    const before = await retainedBytes();
    for (let stream = 1; stream < 100; stream += 2) {
      peer.write(
        Buffer.concat([begin(stream, "UnaryCall", gzipEncodingFields), data(stream, bomb)]),
      );
    }
    await pingAck(peer);
    const held = (await retainedBytes()) - before;
    assert.ok(held < 2 * mebibyte, `${held} bytes`);
  });
});
