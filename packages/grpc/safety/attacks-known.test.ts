import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { runClientCase } from "../conformance/client-suite.ts";
import { data, Flag, FrameType, headers } from "../testing/frames.ts";
import {
  gzipEncodingFields,
  malformedMessages,
  malformedRequests,
  malformedResponses,
  tooLargeMessages,
} from "../testing/malformed-input.ts";
import {
  headerBlock,
  REQUEST,
  RESPONSE,
  replaceField,
  request,
  responseHeadersFrame,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import {
  anyResponse,
  emptyResponse,
  pingAck,
  playScript,
  type ScriptStep,
} from "../testing/script.ts";
import { createTestClient, startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const mebibyte = 1024 * 1024;
const unary = replaceField(REQUEST, ":path", "/grpc.testing.TestService/UnaryCall");

describe("a server survives inputs that crashed other servers:", () => {
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer();
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  async function survives(steps: readonly ScriptStep[]): Promise<RawPeer> {
    const peer = await test.connectPeer();
    await playScript(peer, [...steps, pingAck, request(3), emptyResponse(3)]);
    return peer;
  }

  for (const [what, bytes] of malformedRequests) {
    it(`CVE-2026-48068, a malformed start of a stream: ${what}`, async () => {
      await survives([bytes]);
    });
  }

  for (const [what, bytes, fields = gzipEncodingFields] of malformedMessages) {
    it(`CVE-2026-48069, a malformed compressed message: ${what}`, async () => {
      const start = headers(1, headerBlock([...unary, ...fields]));
      const peer = await survives([start, data(1, bytes, Flag.END_STREAM), anyResponse(1)]);
      assert.match(textOf(peer), /grpc-status.(13|3)/);
    });
  }

  for (const [what, bytes] of tooLargeMessages) {
    it(`CVE-2024-37168, a message beyond the limit: ${what}`, async () => {
      const before = process.memoryUsage().rss;
      const start = headers(1, headerBlock([...unary, ...gzipEncodingFields]));
      const peer = await survives([start, data(1, bytes, Flag.END_STREAM), anyResponse(1)]);
      assert.match(textOf(peer), /grpc-status.8/);
      assert.ok(process.memoryUsage().rss - before < 32 * mebibyte);
    });
  }
});

describe("a client survives inputs that crashed other clients:", () => {
  after(assertNoUncaughtErrors);
  const run = (steps: readonly ScriptStep[], outcome: Code | "settles") =>
    runClientCase({ id: "known", must: "survives", steps, outcome }, createTestClient);

  for (const [what, bytes] of malformedResponses) {
    it(`CVE-2026-48068, a malformed start of an answer: ${what}`, () => run([bytes], "settles"));
  }

  for (const [what, bytes, fields = gzipEncodingFields] of malformedMessages) {
    it(`CVE-2026-48069, a malformed compressed message: ${what}`, () =>
      run([responseHeadersFrame(1, [...RESPONSE, ...fields]), data(1, bytes)], Code.Internal));
  }

  for (const [what, bytes] of tooLargeMessages) {
    it(`CVE-2024-37168, a message beyond the limit: ${what}`, () =>
      run(
        [responseHeadersFrame(1, [...RESPONSE, ...gzipEncodingFields]), data(1, bytes)],
        Code.ResourceExhausted,
      ));
  }
});

/** The header blocks of stream 1, in which literals without Huffman code can be read. */
function textOf({ frames }: RawPeer): string {
  const own = frames.filter(({ type, stream }) => type === FrameType.HEADERS && stream === 1);
  return Buffer.concat(own.map(({ payload }) => payload)).toString("latin1");
}
