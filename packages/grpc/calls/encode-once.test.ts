import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, equals, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { StreamingOutputCallResponseSchema as schema } from "../gen/grpc/testing/messages_pb.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { broadcastMessage, encodeOnce } from "./encode-once.ts";

const messageOf = (size: number) =>
  create(schema, { payload: { body: new Uint8Array(size).fill(7) } });

describe("a shared message", () => {
  const small = broadcastMessage(messageOf(300));
  const large = broadcastMessage(messageOf(5_000));
  let running: TestServiceServer;
  before(async () => {
    const handlers = {
      async *streamingOutputCall({ responseParameters }: { responseParameters: unknown[] }) {
        yield small;
        yield create(schema);
        yield small;
        if (responseParameters.length > 0) yield large;
      },
    };
    running = await startTestServer({ maxMessageBytes: 4_000 }, handlers);
  });
  after(() => running.close());

  it("is encoded once", () => {
    const bytes = encodeOnce(schema, small);
    assert.deepEqual(bytes, toBinary(schema, small));
    assert.equal(encodeOnce(schema, small), bytes);
    const own = messageOf(300);
    assert.notEqual(encodeOnce(schema, own), encodeOnce(schema, own));
  });

  it("is received by all like any other", async () => {
    const streams = [running.createClient(), running.createClient()].map(async (client) => {
      const sizes: number[] = [];
      for await (const message of client.streamingOutputCall({})) {
        if (message.payload) assert.ok(equals(schema, message, small));
        sizes.push(message.payload?.body.length ?? 0);
      }
      return sizes;
    });
    assert.deepEqual(await Promise.all(streams), [
      [300, 0, 300],
      [300, 0, 300],
    ]);
  });

  it("is refused above the size limit, each time", async () => {
    for (const client of [running.createClient(), running.createClient()]) {
      let count = 0;
      await assert.rejects(
        async () => {
          for await (const _ of client.streamingOutputCall({ responseParameters: [{}] }))
            count += 1;
        },
        (error) => error instanceof ConnectError && error.code === Code.ResourceExhausted,
      );
      assert.equal(count, 3);
    }
  });
});
