import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import {
  continuation,
  data,
  ErrorCode,
  errorCodeOf,
  Flag,
  type Frame,
  FrameType,
  frame,
  headers,
  SettingId,
  settings,
  withPadding,
} from "../testing/frames.ts";
import {
  type HeaderField,
  headerBlock,
  openRequest,
  REQUEST,
  replaceField,
  request,
} from "../testing/messages.ts";
import {
  anyResponse,
  connectionError,
  emptyResponse,
  pingAck,
  playScript,
  streamErrorOnly,
} from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const { maxConcurrentStreams, maxHeaderListBytes, maxContinuations } = defaultConnectionLimits;
const unary: readonly HeaderField[] = replaceField(
  REQUEST,
  ":path",
  "/grpc.testing.TestService/UnaryCall",
);

describe("the limits of a server", () => {
  let test: TestServiceServer;
  before(async () => {
    test = await startTestServer();
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  it("are in its SETTINGS", async () => {
    const peer = await test.connectPeer();
    assert.equal(peer.settings.get(SettingId.MAX_CONCURRENT_STREAMS), 1_000);
    assert.equal(peer.settings.get(SettingId.MAX_HEADER_LIST_SIZE), 16 * 1024);
  });

  it("refuse one stream more than may be open, before any handler runs", async () => {
    const peer = await test.connectPeer();
    const { calls } = test.counts;
    const streams = Array.from({ length: maxConcurrentStreams + 1 }, (_, at) => 2 * at + 1);
    const last = streams.at(-1) as number;
    peer.write(Buffer.concat(streams.map((stream) => openRequest(stream))));
    const reset = await peer.takeFrame(({ type }) => type === FrameType.RST_STREAM, "RST_STREAM");
    assert.deepEqual([reset.stream, errorCodeOf(reset)], [last, ErrorCode.REFUSED_STREAM]);
    await pingAck(peer);
    assert.equal(test.counts.calls, calls);
  });

  it("serve a stream again after another has ended", async () => {
    const peer = await test.connectPeer();
    for (let at = 0; at < maxConcurrentStreams; at++) peer.write(openRequest(2 * at + 1));
    peer.write(data(1, Buffer.alloc(5), Flag.END_STREAM));
    await playScript(peer, [emptyResponse(1), request(2 * maxConcurrentStreams + 1)]);
    await emptyResponse(2 * maxConcurrentStreams + 1)(peer);
  });

  const sizes = [
    { what: "take a header list of the full size", over: 0, status: "200" },
    { what: "answer a header list of one byte more with 431, and go on", over: 1, status: "431" },
  ];
  for (const { what, over, status } of sizes) {
    it(what, async () => {
      const peer = await test.connectPeer();
      const extra: HeaderField = [
        "x",
        "y".repeat(maxHeaderListBytes - sizeOf(REQUEST) - 33 + over),
      ];
      const [first, ...rest] = slices(headerBlock([...REQUEST, extra]), 12_000);
      peer.write(headers(1, first as Buffer, 0));
      for (const [at, part] of rest.entries()) {
        peer.write(continuation(1, part, at === rest.length - 1 ? Flag.END_HEADERS : 0));
      }
      peer.write(data(1, Buffer.alloc(5), Flag.END_STREAM));
      await playScript(peer, [anyResponse(1), request(3), emptyResponse(3)]);
      assert.ok(blockOf(peer.frames, 1).includes(statusField(status)), peer.transcript());
    });
  }

  const endless = [
    { what: "header blocks of more frames than allowed", frames: maxContinuations + 1, bytes: 1 },
    { what: "header blocks of more bytes than allowed", frames: 3, bytes: maxHeaderListBytes },
    {
      what: "header blocks of more empty frames than allowed",
      frames: maxContinuations + 1,
      bytes: 0,
    },
  ];
  for (const { what, frames, bytes } of endless) {
    it(`end the connection for ${what}, before the block is whole`, async () => {
      const peer = await test.connectPeer();
      peer.write(headers(1, headerBlock(REQUEST), 0));
      for (let at = 0; at < frames; at++) peer.write(continuation(1, Buffer.alloc(bytes), 0));
      await connectionError("ENHANCE_YOUR_CALM")(peer);
    });
  }

  it("refuse a message by its declared length alone", async () => {
    const peer = await test.connectPeer();
    const { calls } = test.counts;
    const declared = Buffer.from([0, 0, 0x40, 0, 1]);
    await playScript(peer, [headers(1, headerBlock(unary)), data(1, declared), anyResponse(1)]);
    assert.ok(blockOf(peer.frames, 1).includes("grpc-status\x018"), peer.transcript());
    await pingAck(peer);
    assert.equal(test.counts.calls, calls);
  });

  const contentLengths = [
    { what: "twice with different values", values: ["6", "5"] },
    { what: "that is no number", values: ["5 "] },
    { what: "that is a list", values: ["5, 5"] },
  ];
  for (const { what, values } of contentLengths) {
    it(`refuse a request with content-length ${what}`, async () => {
      const peer = await test.connectPeer();
      const extra = values.map((value): HeaderField => ["content-length", value]);
      await playScript(peer, [request(1, extra), streamErrorOnly(1, "PROTOCOL_ERROR")]);
    });
  }

  it("let a client repeat its content-length", async () => {
    const peer = await test.connectPeer();
    const twice: HeaderField[] = [
      ["content-length", "5"],
      ["content-length", "5"],
    ];
    await playScript(peer, [request(1, twice), emptyResponse(1)]);
  });

  it("acknowledge a new initial window ahead of what it permits", async () => {
    const peer = await test.connectPeer();
    const window = (bytes: number) => settings([SettingId.INITIAL_WINDOW_SIZE, bytes]);
    await playScript(peer, [window(0), request(1), pingAck, window(1), pingAck]);
    const order = peer.frames.filter(
      ({ type, flags }) =>
        type === FrameType.DATA || (type === FrameType.SETTINGS && (flags & Flag.ACK) !== 0),
    );
    assert.deepEqual(
      order.slice(-2).map(({ type, payload }) => [type, payload.length]),
      [
        [FrameType.SETTINGS, 0],
        [FrameType.DATA, 1],
      ],
    );
  });

  it("give the window of a stream back for padding", async () => {
    const peer = await test.connectPeer();
    peer.write(openRequest(1));
    const padding = frame(FrameType.DATA, Flag.PADDED, 1, withPadding(Buffer.of(), 255));
    const isUpdate = ({ type, stream }: Frame) => type === FrameType.WINDOW_UPDATE && stream === 1;
    let window = 65_535;
    for (let sent = 0; sent < 3 * 65_535; sent += 256) {
      if (window < 256) {
        const { payload } = await peer.takeFrame(isUpdate, "WINDOW_UPDATE of the stream");
        window += payload.readUInt32BE();
      }
      peer.write(padding);
      window -= 256;
    }
    await playScript(peer, [data(1, Buffer.alloc(5), Flag.END_STREAM), emptyResponse(1)]);
  });

  const lengths = [
    { what: "the largest message that is allowed", length: 4 * 1024 * 1024, granted: 4_128_774 },
    {
      what: "a message a little larger than a window, in no small step",
      length: 65_536,
      granted: 16_384,
    },
  ];
  for (const { what, length, granted } of lengths) {
    it(`let ${what} begin`, async () => {
      const peer = await test.connectPeer();
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(length, 1);
      await playScript(peer, [headers(1, headerBlock(unary)), data(1, prefix), pingAck]);
      const isGrant = ({ type, stream }: Frame) => type === FrameType.WINDOW_UPDATE && stream === 1;
      const grants = peer.frames.filter(isGrant).map(({ payload }) => payload.readUInt32BE());
      assert.deepEqual(grants, [granted]);
    });
  }
});

/** The header blocks of a stream, in which literals without Huffman code can be read. */
function blockOf(frames: readonly Frame[], stream: number): string {
  const own = frames.filter((frame) => frame.type === FrameType.HEADERS && frame.stream === stream);
  return Buffer.concat(own.map(({ payload }) => payload)).toString("latin1");
}

const statusField = (status: string): string => (status === "200" ? "\x88" : `\x03${status}`);

/** The size of a header list as RFC 9113 counts it, section 6.5.2. */
function sizeOf(fields: readonly HeaderField[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

function slices(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}
