import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { StreamingInputCallRequestSchema } from "../gen/grpc/testing/messages_pb.ts";
import {
  CLIENT_PREFACE_MAGIC,
  ErrorCode,
  type Frame,
  FrameType,
  goaway,
  rstStream,
  SettingId,
  settings,
  settingsAck,
  splitFrames,
  windowUpdate,
} from "../testing/frames.ts";
import { grpcMessage } from "../testing/malformed-input.ts";
import { wholeResponse } from "../testing/messages.ts";
import { endsStream } from "../testing/script.ts";
import { createTestClient, type TestClient } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

/** Receives the frames of a connection, and the number of connections before it. */
type OnFrame = (frame: Frame, socket: Socket, connection: number) => void;

/** Runs `work` with a client of a server that is played frame by frame. It begins when the first frame comes. */
async function withFrameServer(
  onFrame: OnFrame,
  work: (client: TestClient) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on("error", () => undefined);
    let unread: Buffer = Buffer.alloc(0);
    let awaitsMagic = true;
    socket.on("data", (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      if (awaitsMagic) unread = unread.subarray(CLIENT_PREFACE_MAGIC.length);
      awaitsMagic = false;
      const { frames, rest } = splitFrames(unread);
      unread = rest;
      for (const frame of frames) onFrame(frame, socket, connection);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = createTestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    await work(client);
  } finally {
    client.transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const isRequest = ({ type }: Frame): boolean => type === FrameType.HEADERS;

/** A server that is so far away that calls come before its limit of streams is known; it refuses those above. */
function withLimit(limit: number): { readonly refused: () => number; readonly onFrame: OnFrame } {
  const open = new Map<Socket, Set<number>>();
  let refused = 0;
  const onFrame: OnFrame = (frame, socket) => {
    const { stream, type } = frame;
    if (type === FrameType.SETTINGS) return;
    if (!open.has(socket)) {
      const preface = [settings([SettingId.MAX_CONCURRENT_STREAMS, limit]), settingsAck];
      socket.write(Buffer.concat([...preface, windowUpdate(0, 2 ** 30)]));
    }
    const streams = open.get(socket) ?? new Set<number>();
    open.set(socket, streams);
    if (isRequest(frame)) {
      if (streams.size < limit) streams.add(stream);
      else {
        refused += 1;
        socket.write(rstStream(stream, ErrorCode.REFUSED_STREAM));
      }
    }
    if (!endsStream(frame) || !streams.has(stream)) return;
    setTimeout(() => {
      streams.delete(stream);
      socket.write(wholeResponse(stream));
    }, 1);
  };
  const later: OnFrame = (...args) => setTimeout(() => onFrame(...args), 20);
  return { refused: () => refused, onFrame: later };
}

const input = { payload: { body: new Uint8Array(100) } };
async function* inputs(count: number) {
  for (let n = 0; n < count; n++) yield input;
}

type Call = (client: TestClient) => Promise<unknown>;
const calls: readonly (readonly [kind: string, call: Call])[] = [
  ["unary", (client) => client.emptyCall({})],
  ["server-streaming", (client) => Array.fromAsync(client.streamingOutputCall({}))],
  ["client-streaming", (client) => client.streamingInputCall(inputs(3))],
  ["bidirectional", (client) => Array.fromAsync(client.fullDuplexCall(inputs(3)))],
];

describe("a call that the server refused before it was processed", () => {
  after(assertNoUncaughtErrors);

  for (const [kind, call] of calls) {
    it(`is repeated: 100 ${kind} calls at once, where two streams are allowed`, () => {
      const server = withLimit(2);
      return withFrameServer(server.onFrame, async (client) => {
        await Promise.all(Array.from({ length: 100 }, () => call(client)));
        assert.ok(server.refused() > 0);
      });
    });

    it(`is repeated on another connection when GOAWAY leaves it out: ${kind}`, () =>
      withFrameServer(
        (frame, socket, connection) => {
          if (frame.type === FrameType.SETTINGS && frame.flags === 0)
            socket.write(Buffer.concat([settings(), settingsAck]));
          if (connection === 0 && isRequest(frame)) socket.write(goaway(0, ErrorCode.NO_ERROR));
          if (connection > 0 && endsStream(frame)) socket.write(wholeResponse(frame.stream));
        },
        async (client) => {
          await Promise.all(Array.from({ length: 20 }, () => call(client)));
        },
      ));
  }

  it("gets all messages again that were sent, and those that come later", async () => {
    const received = new Map<number, Buffer[]>();
    const refusedAt = Promise.withResolvers<void>();
    async function* requests() {
      yield* inputs(2);
      await refusedAt.promise;
      yield* inputs(2);
    }
    await withFrameServer(
      (frame, socket) => {
        const { stream, type, payload } = frame;
        if (type === FrameType.SETTINGS && frame.flags === 0)
          socket.write(Buffer.concat([settings(), settingsAck]));
        if (type !== FrameType.DATA) return;
        received.set(stream, [...(received.get(stream) ?? []), payload]);
        if (stream === 1 && received.get(1)?.length === 2) {
          socket.write(rstStream(1, ErrorCode.REFUSED_STREAM));
          refusedAt.resolve();
        }
        if (endsStream(frame)) socket.write(wholeResponse(stream));
      },
      async (client) => {
        await client.streamingInputCall(requests());
      },
    );
    const schema = StreamingInputCallRequestSchema;
    const message = grpcMessage(0, toBinary(schema, create(schema, input)));
    const bytes = Buffer.concat(received.get(3) ?? []);
    assert.deepEqual(bytes, Buffer.concat([message, message, message, message]));
  });

  it("fails when it has sent more than is kept for another attempt", async () => {
    const body = new Uint8Array(60_000);
    async function* requests() {
      for (let n = 0; n < 6; n++) yield { payload: { body } };
      await new Promise(() => undefined);
    }
    let bytes = 0;
    const call = async (client: TestClient) => {
      const error = await client.streamingInputCall(requests()).catch(ConnectError.from);
      assert.equal((error as ConnectError).code, Code.Unavailable);
    };
    await withFrameServer((frame, socket) => {
      if (frame.type === FrameType.SETTINGS && frame.flags === 0) {
        const window = settings([SettingId.INITIAL_WINDOW_SIZE, 2 ** 30]);
        socket.write(Buffer.concat([window, settingsAck, windowUpdate(0, 2 ** 30)]));
      }
      if (frame.type !== FrameType.DATA) return;
      bytes += frame.payload.length;
      if (bytes > 5 * 60_000) socket.write(rstStream(frame.stream, ErrorCode.REFUSED_STREAM));
    }, call);
  });

  it("is few where a server has not said how many streams it takes", async () => {
    const streams = new Set<number>();
    await withFrameServer(
      (frame, socket) => {
        if (!isRequest(frame)) return;
        streams.add(frame.stream);
        setTimeout(() => socket.destroy(), 100);
      },
      async (client) => {
        await Promise.allSettled(
          Array.from({ length: 100 }, () => client.emptyCall({}, { timeoutMs: 50 })),
        );
      },
    );
    assert.ok(streams.size <= 10, `${streams.size} streams`);
  });
});
