import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { EchoStatusSchema } from "../gen/grpc/testing/messages_pb.ts";
import { startTestServer } from "../testing/server.ts";
import { fitStatus } from "./status-size.ts";

const sizeOf = (fields: readonly string[]): number =>
  fields.reduce((sum, text) => sum + text.length, (fields.length / 2) * 32);

/** The error of a unary and of a streaming call whose handlers throw this one. */
async function errorsOf(thrown: ConnectError): Promise<ConnectError[]> {
  const fail = () => {
    throw thrown;
  };
  const test = await startTestServer(
    {},
    {
      emptyCall: fail,
      async *streamingOutputCall() {
        yield {};
        fail();
      },
    },
  );
  const client = test.createClient();
  const calls = [client.emptyCall({}), Array.fromAsync(client.streamingOutputCall({}))];
  const results = await Promise.allSettled<unknown>(calls);
  await test.close();
  return results.map((result) => (result as PromiseRejectedResult).reason as ConnectError);
}

describe("a status that is larger than the client accepts", () => {
  const texts = ["x".repeat(20_000), "é".repeat(9_000), "😈".repeat(3_000), "%".repeat(10_000)];
  for (const text of texts) {
    it(`keeps its code and the beginning of its text: ${text.slice(0, 2)}`, async () => {
      for (const error of await errorsOf(new ConnectError(text, Code.FailedPrecondition))) {
        assert.equal(error.code, Code.FailedPrecondition);
        assert.ok(text.startsWith(error.rawMessage) && error.rawMessage.isWellFormed());
        assert.ok(error.rawMessage.length > 1_000, `${error.rawMessage.length} characters`);
      }
    });
  }

  it("loses its details first", async () => {
    const detail = { desc: EchoStatusSchema, value: { message: "x".repeat(20_000) } };
    const metadata = { "x-kept": "yes" };
    const thrown = new ConnectError("no", Code.NotFound, metadata, [detail]);
    for (const error of await errorsOf(thrown)) {
      assert.deepEqual([error.code, error.rawMessage, error.details], [Code.NotFound, "no", []]);
      assert.equal(error.metadata.get("x-kept"), "yes");
    }
  });

  it("loses its metadata next", async () => {
    const thrown = new ConnectError("no", Code.NotFound, { "x-large": "x".repeat(20_000) });
    for (const error of await errorsOf(thrown)) {
      assert.deepEqual([error.code, error.rawMessage], [Code.NotFound, "no"]);
    }
  });

  it("fits whatever the client accepts", () => {
    const message = encodeURIComponent("a☺😈é".repeat(50));
    const fields = ["grpc-status", "5", "grpc-message", message, "x-other", "y".repeat(100)];
    for (let maxBytes = 120; maxBytes < sizeOf(fields); maxBytes++) {
      const fitted = fitStatus(fields, maxBytes);
      assert.ok(sizeOf(fitted) <= maxBytes);
      assert.equal(fitted[1], "5");
      assert.ok(decodeURIComponent(message).startsWith(decodeURIComponent(fitted[3] ?? "")));
    }
    assert.equal(fitStatus(fields, sizeOf(fields)), fields);
  });
});

describe("a status whose text is no valid Unicode", () => {
  it("is sent with replacement characters", async () => {
    for (const error of await errorsOf(new ConnectError("a\ud800b", Code.Aborted))) {
      assert.deepEqual([error.code, error.rawMessage], [Code.Aborted, "a\ufffdb"]);
    }
  });
});
