// The interoperability cases about compression. Whether a message was compressed is read from the wire, since
// receivers cannot distinguish it.
import assert from "node:assert/strict";
import { Code, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import {
  assertFailsWith,
  assertZeros,
  collectMessages,
  type InteropCase,
  zeroPayload,
} from "./interop-case.ts";

const isTrue = { value: true };
const isFalse = { value: false };

const clientCompressedUnary: InteropCase = async ({ plain, gzip, server, relay }) => {
  const request = { responseSize: 314159, payload: zeroPayload(271828) };
  if (server.checksCompression) {
    const call = createClient(TestService, plain).unaryCall({
      ...request,
      expectCompressed: isTrue,
    });
    await assertFailsWith(call, Code.InvalidArgument);
    assert.deepEqual(relay.takeEncodings("request"), ["plain"]);
  }
  for (const [transport, expectCompressed, encoding] of [
    [gzip, isTrue, "gzip"],
    [plain, isFalse, "plain"],
  ] as const) {
    const client = createClient(TestService, transport);
    const reply = await client.unaryCall({ ...request, expectCompressed });
    assert.equal(reply.payload?.body.length, 314159);
    assert.deepEqual(relay.takeEncodings("request"), [encoding]);
  }
};

const clientCompressedStreaming: InteropCase = async ({ plain, gzip, client, server, relay }) => {
  const first = { payload: zeroPayload(27182), expectCompressed: isTrue };
  if (server.checksCompression) {
    const call = createClient(TestService, plain).streamingInputCall(fromArray([first]));
    await assertFailsWith(call, Code.InvalidArgument);
    assert.deepEqual(relay.takeEncodings("request"), ["plain"]);
  }
  const requests = fromArray([first, { payload: zeroPayload(45904), expectCompressed: isFalse }]);
  const reply = await createClient(TestService, gzip).streamingInputCall(requests);
  assert.equal(reply.aggregatedPayloadSize, 73086);
  assert.deepEqual(relay.takeEncodings("request"), [
    "gzip",
    client.compressesPerMessage ? "plain" : "gzip",
  ]);
};

const serverCompressedUnary: InteropCase = async ({ plain, gzip, client, server, relay }) => {
  for (const [transport, responseCompressed, encoding] of [
    [gzip, isTrue, "gzip"],
    [plain, isFalse, "plain"],
  ] as const) {
    if (encoding === "plain" && !client.canDeclineCompression && !server.compressesPerMessage)
      continue;
    const { payload } = await createClient(TestService, transport).unaryCall({
      responseCompressed,
      responseSize: 314159,
      payload: zeroPayload(271828),
    });
    assertZeros(payload, 314159);
    assert.deepEqual(relay.takeEncodings("reply"), [encoding]);
  }
};

const serverCompressedStreaming: InteropCase = async ({ plain, gzip, client, server, relay }) => {
  const responseParameters = [
    { size: 31415, compressed: isTrue },
    { size: 92653, compressed: isFalse },
  ];
  const mixed = await collectMessages(
    createClient(TestService, gzip).streamingOutputCall({ responseParameters }),
  );
  assert.equal(mixed.length, 2);
  for (const [turn, { size }] of responseParameters.entries()) {
    assertZeros(mixed[turn]?.payload, size);
  }
  assert.deepEqual(relay.takeEncodings("reply"), [
    "gzip",
    server.compressesPerMessage ? "plain" : "gzip",
  ]);
  if (!client.canDeclineCompression) return;
  const declined = createClient(TestService, plain).streamingOutputCall({
    responseParameters: responseParameters.map(({ size }) => ({ size, compressed: isFalse })),
  });
  assert.equal((await collectMessages(declined)).length, 2);
  assert.deepEqual(relay.takeEncodings("reply"), ["plain", "plain"]);
};

async function* fromArray<T>(messages: readonly T[]) {
  yield* messages;
}

export const compressionCases = {
  client_compressed_unary: clientCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_unary: serverCompressedUnary,
  server_compressed_streaming: serverCompressedStreaming,
} satisfies Record<string, InteropCase>;
