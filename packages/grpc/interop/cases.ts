// The client's half of gRPC's interoperability cases (grpc/doc/interop-test-descriptions.md), with its sizes.
import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  type CallOptions,
  createClient,
  decodeBinaryHeader,
  encodeBinaryHeader,
} from "@connectrpc/connect";
import { EmptySchema } from "../gen/grpc/testing/messages_pb.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { compressionCases } from "./compression-cases.ts";
import { endingCases } from "./ending-cases.ts";
import { assertZeros, collectMessages, type InteropCase, zeroPayload } from "./interop-case.ts";
import { smallMessages } from "./small-messages-case.ts";

const requestSizes = [27182, 8, 1828, 45904];
const replySizes = [31415, 9, 2653, 58979];

const emptyUnary: InteropCase = async ({ plain }) => {
  const reply = await createClient(TestService, plain).emptyCall({});
  assert.deepEqual(reply, create(EmptySchema));
};

const largeUnary: InteropCase = async ({ plain }) => {
  const { payload } = await createClient(TestService, plain).unaryCall({
    responseSize: 314159,
    payload: zeroPayload(271828),
  });
  assertZeros(payload, 314159);
};

const clientStreaming: InteropCase = async ({ plain }) => {
  async function* requests() {
    for (const size of requestSizes) yield { payload: zeroPayload(size) };
  }
  const reply = await createClient(TestService, plain).streamingInputCall(requests());
  assert.equal(reply.aggregatedPayloadSize, 74922);
};

const serverStreaming: InteropCase = async ({ plain }) => {
  const responseParameters = replySizes.map((size) => ({ size }));
  const client = createClient(TestService, plain);
  const replies = await collectMessages(client.streamingOutputCall({ responseParameters }));
  assert.equal(replies.length, replySizes.length);
  for (const [turn, size] of replySizes.entries()) assertZeros(replies[turn]?.payload, size);
};

const pingPong: InteropCase = async ({ plain }) => {
  const answered = replySizes.map(() => Promise.withResolvers<void>());
  async function* requests() {
    for (const [turn, size] of replySizes.entries()) {
      yield { responseParameters: [{ size }], payload: zeroPayload(requestSizes[turn] ?? 0) };
      await answered[turn]?.promise;
    }
  }
  const sizes = [];
  for await (const { payload } of createClient(TestService, plain).fullDuplexCall(requests())) {
    answered[sizes.length]?.resolve();
    sizes.push(payload?.body.length);
  }
  assert.deepEqual(sizes, replySizes);
};

const emptyStream: InteropCase = async ({ plain }) => {
  async function* requests() {}
  assert.deepEqual(
    await collectMessages(createClient(TestService, plain).fullDuplexCall(requests())),
    [],
  );
};

const customMetadata: InteropCase = async ({ plain }) => {
  const client = createClient(TestService, plain);
  const unary = metadataProbe();
  await client.unaryCall({ responseSize: 314159, payload: zeroPayload(271828) }, unary.options);
  unary.check();

  const duplex = metadataProbe();
  async function* requests() {
    yield { responseParameters: [{ size: 314159 }], payload: zeroPayload(271828) };
  }
  assert.equal(
    (await collectMessages(client.fullDuplexCall(requests(), duplex.options))).length,
    1,
  );
  duplex.check();
};

/** Two values of one binary key, which C core takes as two fields only. */
const binaryMetadataList: InteropCase = async ({ plain }) => {
  const values = [Uint8Array.of(0xab), Uint8Array.of(0xcd, 0xce)];
  const headers = new Headers();
  for (const value of values)
    headers.append("x-grpc-test-echo-trailing-bin", encodeBinaryHeader(value));
  let trailer = new Headers();
  const onTrailer = (received: Headers) => {
    trailer = received;
  };
  await createClient(TestService, plain).unaryCall({ responseSize: 1 }, { headers, onTrailer });
  const echoed = (trailer.get("x-grpc-test-echo-trailing-bin") ?? "").split(",");
  assert.deepEqual(
    echoed.map((value) => new Uint8Array(decodeBinaryHeader(value.trim()))),
    values,
  );
};

function metadataProbe() {
  const initial = "test_initial_metadata_value";
  const trailing = new Uint8Array([0xab, 0xab, 0xab]);
  let header = new Headers();
  let trailer = new Headers();
  const options: CallOptions = {
    headers: {
      "x-grpc-test-echo-initial": initial,
      "x-grpc-test-echo-trailing-bin": encodeBinaryHeader(trailing),
    },
    onHeader: (received) => {
      header = received;
    },
    onTrailer: (received) => {
      trailer = received;
    },
  };
  const check = () => {
    assert.equal(header.get("x-grpc-test-echo-initial"), initial);
    const echoed = trailer.get("x-grpc-test-echo-trailing-bin") ?? "";
    assert.deepEqual(new Uint8Array(decodeBinaryHeader(echoed)), trailing);
  };
  return { options, check };
}

/** Every case by its official name, if it has one. */
export const interopCases = {
  empty_unary: emptyUnary,
  large_unary: largeUnary,
  client_streaming: clientStreaming,
  server_streaming: serverStreaming,
  ping_pong: pingPong,
  empty_stream: emptyStream,
  custom_metadata: customMetadata,
  binary_metadata_list: binaryMetadataList,
  ...endingCases,
  ...compressionCases,
} satisfies Record<string, InteropCase>;

/** Cases that take seconds. */
export const longCases = { small_messages: smallMessages } satisfies Record<string, InteropCase>;

export type CaseName = keyof typeof interopCases | keyof typeof longCases;
