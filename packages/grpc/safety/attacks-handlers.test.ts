import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import { data, ErrorCode, headers, rstStream } from "../testing/frames.ts";
import {
  type HeaderField,
  headerBlock,
  REQUEST,
  replaceField,
  request,
} from "../testing/messages.ts";
import { retainedBytes } from "../testing/retained-memory.ts";
import { pingAck } from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const idOf = (n: number) => 2 * n + 1;
const mebibyte = 1024 * 1024;
const clientStream = replaceField(REQUEST, ":path", "/grpc.testing.TestService/StreamingInputCall");

describe("handlers that run on after their calls have ended", () => {
  const work = { running: 0, most: 0 };
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer(
      {},
      {
        // Like one that waits for a database, and does not look at its signal.
        async emptyCall() {
          work.running += 1;
          work.most = Math.max(work.most, work.running);
          await sleep(500);
          work.running -= 1;
          return {};
        },
        async streamingInputCall() {
          work.running += 1;
          work.most = Math.max(work.most, work.running);
          await sleep(500);
          work.running -= 1;
          return {};
        },
      },
    );
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  const ways: readonly { readonly what: string; readonly one: (n: number) => Buffer }[] = [
    {
      what: "deadlines that pass at once",
      one: (n) => request(idOf(n), [["grpc-timeout", "1n"]]),
    },
    {
      what: "resets",
      one: (n) => Buffer.concat([request(idOf(n)), rstStream(idOf(n), ErrorCode.CANCEL)]),
    },
    {
      what: "broken messages",
      one: (n) =>
        Buffer.concat([
          headers(idOf(n), headerBlock(clientStream)),
          data(idOf(n), Buffer.from([9, 0, 0, 0, 0])),
        ]),
    },
  ];
  for (const { what, one } of ways) {
    it(`are no more than the streams that may be open, whatever a client does with ${what}`, async () => {
      work.most = 0;
      const peer = await test.connectPeer();
      for (let n = 0; n < 3_000 && !peer.isClosed; n += 100) {
        peer.write(Buffer.concat(Array.from({ length: 100 }, (_, at) => one(n + at))));
        await sleep(5);
      }
      assert.ok(
        work.most > 0 && work.most <= defaultConnectionLimits.maxConcurrentStreams,
        `${work.most}`,
      );
      while (work.running > 0) await sleep(50);
    });
  }

  it("no longer count when they return", async () => {
    const peer = await test.connectPeer();
    const calls = Array.from({ length: 900 }, (_, n) => [
      request(idOf(n)),
      rstStream(idOf(n), ErrorCode.CANCEL),
    ]);
    peer.write(Buffer.concat(calls.flat()));
    while (work.running < 900) await sleep(20);
    while (work.running > 0) await sleep(20);
    peer.write(Buffer.concat(Array.from({ length: 950 }, (_, n) => request(idOf(1_000 + n)))));
    while (work.running < 950) await sleep(20);
    await pingAck(peer);
    while (work.running > 0) await sleep(20);
  });
});

describe("a handler that does not read its requests", () => {
  let test: TestServiceServer;
  const release = Promise.withResolvers<void>();
  before(async () => {
    test = await startTestServer(
      {},
      { streamingInputCall: () => release.promise.then(() => ({})) },
    );
  });
  after(async () => {
    release.resolve();
    await test.close();
    assertNoUncaughtErrors();
  });

  const bomb = gzipSync(Buffer.from([0x7a, 0xf8, 0xff, 0xff, 0x01, ...new Uint8Array(4_194_296)]));
  const window = 65_535;
  const kinds: readonly {
    readonly what: string;
    readonly body: Uint8Array;
    readonly fields: HeaderField[];
  }[] = [
    { what: "bombs in gzip", body: frameOf(1, bomb), fields: [["grpc-encoding", "gzip"]] },
    { what: "empty messages", body: Buffer.alloc(5), fields: [] },
  ];
  for (const { what, body, fields } of kinds) {
    it(`holds no more than the windows of ${what}`, async () => {
      const held = await retainedBytes();
      const peer = await test.connectPeer();
      const streams = 100;
      const count = Math.floor(window / body.length);
      const all = Buffer.concat(Array.from({ length: count }, () => body));
      for (let n = 0; n < streams; n++) {
        const parts: Buffer[] = [headers(idOf(n), headerBlock([...clientStream, ...fields]))];
        for (let at = 0; at < all.length; at += 16_384) {
          parts.push(data(idOf(n), all.subarray(at, at + 16_384)));
        }
        peer.write(Buffer.concat(parts));
        await pingAck(peer);
      }
      const grown = (await retainedBytes()) - held;
      assert.ok(grown < 2 * streams * window + 8 * mebibyte, `${grown} bytes`);
      peer.destroy();
    });
  }

  it("holds no more than what came of a message that dribbles in byte by byte", async () => {
    const peer = await test.connectPeer();
    const held = await retainedBytes();
    peer.write(
      Buffer.concat([headers(1, headerBlock(clientStream)), data(1, Buffer.from([0, 0, 8, 0, 0]))]),
    );
    const one = data(1, Buffer.of(0));
    const batch = Buffer.concat(Array.from({ length: 10_000 }, () => one));
    // As much as the window allows: beyond it the stream is reset, and nothing is held.
    for (let n = 0; n < 6; n++) {
      peer.write(batch);
      await pingAck(peer);
    }
    const grown = (await retainedBytes()) - held;
    assert.ok(grown < 4 * mebibyte, `${grown} bytes`);
  });
});

function frameOf(flags: number, body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}
