import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { runClientCase } from "../conformance/client-suite.ts";
import { data, Flag, headers, Type } from "../testing/frames.ts";
import {
  inGzip,
  malformedAnswers,
  malformedMessages,
  malformedStarts,
  tooLargeMessages,
} from "../testing/malformed-input.ts";
import { answerHeaders, block, REQUEST, RESPONSE, request, without } from "../testing/messages.ts";
import type { Peer } from "../testing/peer.ts";
import { alive, answered, play, responded, type Step } from "../testing/script.ts";
import { assertNoFaults, clientOf, serve, type TestServer } from "../testing/server.ts";

const mebibyte = 1024 * 1024;
const unary = without(REQUEST, ":path", "/grpc.testing.TestService/UnaryCall");

describe("a server survives what has crashed others:", () => {
  let test: TestServer;
  before(async () => {
    test = await serve();
  });
  after(async () => {
    await test.close();
    assertNoFaults();
  });

  async function survives(steps: readonly Step[]): Promise<Peer> {
    const peer = await test.greeted();
    await play(peer, [...steps, alive, request(3), answered(3)]);
    return peer;
  }

  for (const [what, bytes] of malformedStarts) {
    it(`CVE-2026-48068, a malformed start of a stream: ${what}`, async () => {
      await survives([bytes]);
    });
  }

  for (const [what, bytes, fields = inGzip] of malformedMessages) {
    it(`CVE-2026-48069, a malformed compressed message: ${what}`, async () => {
      const start = headers(1, block([...unary, ...fields]));
      const peer = await survives([start, data(1, bytes, Flag.END_STREAM), responded(1)]);
      assert.match(textOf(peer), /grpc-status.(13|3)/);
    });
  }

  for (const [what, bytes] of tooLargeMessages) {
    it(`CVE-2024-37168, a message beyond the limit: ${what}`, async () => {
      const before = process.memoryUsage().rss;
      const start = headers(1, block([...unary, ...inGzip]));
      const peer = await survives([start, data(1, bytes, Flag.END_STREAM), responded(1)]);
      assert.match(textOf(peer), /grpc-status.8/);
      assert.ok(process.memoryUsage().rss - before < 32 * mebibyte);
    });
  }
});

describe("a client survives what has crashed others:", () => {
  after(assertNoFaults);
  const run = (steps: readonly Step[], outcome: Code | "settles") =>
    runClientCase({ id: "known", must: "survives", steps, outcome }, clientOf);

  for (const [what, bytes] of malformedAnswers) {
    it(`CVE-2026-48068, a malformed start of an answer: ${what}`, () => run([bytes], "settles"));
  }

  for (const [what, bytes, fields = inGzip] of malformedMessages) {
    it(`CVE-2026-48069, a malformed compressed message: ${what}`, () =>
      run([answerHeaders(1, [...RESPONSE, ...fields]), data(1, bytes)], Code.Internal));
  }

  for (const [what, bytes] of tooLargeMessages) {
    it(`CVE-2024-37168, a message beyond the limit: ${what}`, () =>
      run([answerHeaders(1, [...RESPONSE, ...inGzip]), data(1, bytes)], Code.ResourceExhausted));
  }
});

/** The header blocks of stream 1, in which literals without Huffman code can be read. */
function textOf({ frames }: Peer): string {
  const own = frames.filter(({ type, stream }) => type === Type.HEADERS && stream === 1);
  return Buffer.concat(own.map(({ payload }) => payload)).toString("latin1");
}
