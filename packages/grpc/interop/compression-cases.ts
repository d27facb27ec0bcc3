// The interoperability cases about compression. Whether a message was compressed is read from the wire,
// for a message that was not sounds the same to whoever receives it.
import assert from "node:assert/strict";
import { Code, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { all, assertZeros, type Case, endsWith, zeros } from "./interop-case.ts";

const yes = { value: true };
const no = { value: false };

const clientCompressedUnary: Case = async ({ plain, gzip, server, wire }) => {
  const request = { responseSize: 314159, payload: zeros(271828) };
  if (server.seesEncoding) {
    const call = createClient(TestService, plain).unaryCall({ ...request, expectCompressed: yes });
    await endsWith(call, Code.InvalidArgument);
    assert.deepEqual(wire.take("request"), ["plain"]);
  }
  for (const [transport, expectCompressed, encoding] of [
    [gzip, yes, "gzip"],
    [plain, no, "plain"],
  ] as const) {
    const client = createClient(TestService, transport);
    const reply = await client.unaryCall({ ...request, expectCompressed });
    assert.equal(reply.payload?.body.length, 314159);
    assert.deepEqual(wire.take("request"), [encoding]);
  }
};

const clientCompressedStreaming: Case = async ({ plain, gzip, client, server, wire }) => {
  const first = { payload: zeros(27182), expectCompressed: yes };
  if (server.seesEncoding) {
    const call = createClient(TestService, plain).streamingInputCall(each([first]));
    await endsWith(call, Code.InvalidArgument);
    assert.deepEqual(wire.take("request"), ["plain"]);
  }
  const requests = each([first, { payload: zeros(45904), expectCompressed: no }]);
  const reply = await createClient(TestService, gzip).streamingInputCall(requests);
  assert.equal(reply.aggregatedPayloadSize, 73086);
  assert.deepEqual(wire.take("request"), ["gzip", client.choosesEach ? "plain" : "gzip"]);
};

const serverCompressedUnary: Case = async ({ plain, gzip, client, server, wire }) => {
  for (const [transport, responseCompressed, encoding] of [
    [gzip, yes, "gzip"],
    [plain, no, "plain"],
  ] as const) {
    if (encoding === "plain" && !client.declines && !server.choosesEach) continue;
    const { payload } = await createClient(TestService, transport).unaryCall({
      responseCompressed,
      responseSize: 314159,
      payload: zeros(271828),
    });
    assertZeros(payload, 314159);
    assert.deepEqual(wire.take("reply"), [encoding]);
  }
};

const serverCompressedStreaming: Case = async ({ plain, gzip, client, server, wire }) => {
  const responseParameters = [
    { size: 31415, compressed: yes },
    { size: 92653, compressed: no },
  ];
  const mixed = await all(
    createClient(TestService, gzip).streamingOutputCall({ responseParameters }),
  );
  assert.equal(mixed.length, 2);
  for (const [turn, { size }] of responseParameters.entries()) {
    assertZeros(mixed[turn]?.payload, size);
  }
  assert.deepEqual(wire.take("reply"), ["gzip", server.choosesEach ? "plain" : "gzip"]);
  if (!client.declines) return;
  const declined = createClient(TestService, plain).streamingOutputCall({
    responseParameters: responseParameters.map(({ size }) => ({ size, compressed: no })),
  });
  assert.equal((await all(declined)).length, 2);
  assert.deepEqual(wire.take("reply"), ["plain", "plain"]);
};

async function* each<T>(messages: readonly T[]) {
  yield* messages;
}

export const compressionCases = {
  client_compressed_unary: clientCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_unary: serverCompressedUnary,
  server_compressed_streaming: serverCompressedStreaming,
} satisfies Record<string, Case>;
