import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { runClientCase } from "../conformance/client-suite.ts";
import { StreamingOutputCallRequestSchema } from "../gen/grpc/testing/messages_pb.ts";
import {
  data,
  ErrorCode,
  type Frame,
  FrameType,
  ping,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from "../testing/frames.ts";
import { grpcMessage } from "../testing/malformed-input.ts";
import {
  openRequest,
  REQUEST,
  replaceField,
  responseHeadersFrame,
  responseTrailersFrame,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import {
  connectionError,
  pingAck,
  requestStarts,
  settingsAcknowledged,
  settingsArrive,
} from "../testing/script.ts";
import { createTestClient, startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const request = { payload: { body: new Uint8Array(11) } };
const schema = StreamingOutputCallRequestSchema;
const message = grpcMessage(0, toBinary(schema, create(schema, request)));
const batch = 400;
const bothWindows = (bytes: number): Buffer =>
  Buffer.concat([windowUpdate(1, bytes), windowUpdate(0, bytes)]);
const repeated = (frames: Buffer, count: number): Buffer =>
  Buffer.alloc(frames.length * count, frames);
const pings = repeated(ping("measured"), batch);
const updates = repeated(bothWindows(message.length), batch);

/** What a peer sends for each batch of messages that it gets: in all, more than the clock alone would permit. */
const answers: readonly (readonly [what: string, answer: Buffer, batches: number])[] = [
  ["a PING for each message", Buffer.concat([pings, updates]), 50],
  ["the window of each message", updates, 50],
  ["the window of each byte", repeated(bothWindows(1), batch * message.length), 5],
];

/** Waits until a peer has got a batch of messages, each a frame, and forgets them. */
async function takeBatch(peer: RawPeer, isExpected: (frame: Frame) => boolean): Promise<void> {
  while (peer.frames.filter(isExpected).length < batch) {
    assert.equal(peer.isClosed, false, "the connection is open");
    await turn();
  }
  peer.frames.length = 0;
}

const isData = ({ type }: Frame) => type === FrameType.DATA;
const openEcho = (stream: number): Buffer =>
  openRequest(stream, replaceField(REQUEST, ":path", "/grpc.testing.TestService/FullDuplexCall"));

describe("a server goes on with a client that sends", () => {
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer();
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  async function exchange(answer: Buffer, batches: number): Promise<RawPeer> {
    const peer = await test.connectPeer();
    peer.write(openEcho(1));
    for (let done = 0; done < batches; done++) {
      peer.write(repeated(data(1, message), batch));
      await takeBatch(peer, isData);
      peer.write(answer);
    }
    return peer;
  }

  for (const [what, answer, batches] of answers) {
    it(what, async () => {
      await pingAck(await exchange(answer, batches));
    });
  }

  it("PINGs for what it gets, and not with one that sends more of them", async () => {
    const peer = await exchange(pings, 5);
    peer.write(repeated(pings, 3));
    await connectionError("ENHANCE_YOUR_CALM")(peer);
    const goaway = peer.frames.findLast(({ type }) => type === FrameType.GOAWAY);
    assert.equal(goaway?.payload.toString("latin1", 8), "too_many_pings");
  });

  it("the window of what it gets, and not with one that goes on with small updates", async () => {
    const peer = await exchange(updates, 10);
    peer.write(repeated(bothWindows(1), 12_000));
    await connectionError("ENHANCE_YOUR_CALM")(peer);
  });

  it("resets of calls whose responses have begun", async () => {
    const peer = await test.connectPeer();
    for (let first = 1; first < 8 * batch; first += 2 * batch) {
      const streams = Array.from({ length: batch }, (_, at) => first + 2 * at);
      peer.write(Buffer.concat(streams.flatMap((id) => [openEcho(id), data(id, message)])));
      await takeBatch(peer, isData);
      peer.write(Buffer.concat(streams.map((id) => rstStream(id, ErrorCode.CANCEL))));
    }
    await pingAck(peer);
  });

  it("resets of calls that have ended", async () => {
    const peer = await test.connectPeer();
    const refused = replaceField(REQUEST, ":path", "/grpc.testing.TestService/UnknownCall");
    const isEnd = ({ type }: Frame) => type === FrameType.HEADERS;
    for (let first = 1; first < 8 * batch; first += 2 * batch) {
      const streams = Array.from({ length: batch }, (_, at) => first + 2 * at);
      peer.write(Buffer.concat(streams.map((id) => openRequest(id, refused))));
      await takeBatch(peer, isEnd);
      peer.write(Buffer.concat(streams.map((id) => rstStream(id, ErrorCode.NO_ERROR))));
    }
    await pingAck(peer);
  });
});

describe("a client goes on with a server that sends", () => {
  after(assertNoUncaughtErrors);

  for (const [what, answer, batches] of answers) {
    it(what, async () => {
      let next = Promise.withResolvers<void>();
      async function* requests() {
        for (let done = 0; done < batches; done++) {
          for (let n = 0; n < batch; n++) yield request;
          await next.promise;
          next = Promise.withResolvers<void>();
        }
      }
      const answerBatches = async (peer: RawPeer) => {
        for (let done = 0; done < batches; done++) {
          await takeBatch(peer, isData);
          peer.write(answer);
          next.resolve();
        }
        await pingAck(peer);
      };
      await runClientCase(
        {
          id: "permitted",
          must: "goes on",
          serverPreface: settings(),
          async call(client) {
            for await (const _ of client.fullDuplexCall(requests()));
          },
          steps: [
            settingsArrive,
            settingsAck,
            settingsAcknowledged,
            requestStarts(1),
            responseHeadersFrame(1),
            answerBatches,
            responseTrailersFrame(1),
          ],
          outcome: "succeeds",
        },
        createTestClient,
        { timeoutMs: 10_000 },
      );
    });
  }
});
