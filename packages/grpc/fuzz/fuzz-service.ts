import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import type {
  EchoStatus,
  StreamingOutputCallRequest,
  StreamingOutputCallResponseSchema,
} from "../gen/grpc/testing/messages_pb.ts";
import { SimpleRequestSchema } from "../gen/grpc/testing/messages_pb.ts";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";

type StreamingReplyInit = MessageInitShape<typeof StreamingOutputCallResponseSchema>;

const maxResponseBytes = 1_000;
const maxResponses = 8;

/** Implements all methods of the test service, with bounded work for any request. */
export const fuzzService: Partial<ServiceImpl<typeof TestService>> = {
  emptyCall: () => ({}),
  unaryCall({ responseSize, responseStatus }, context) {
    echoMetadata(context);
    throwStatus(responseStatus);
    return { payload: zeroPayload(responseSize) };
  },
  async streamingInputCall(requests) {
    let aggregatedPayloadSize = 0;
    for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
    return { aggregatedPayloadSize };
  },
  streamingOutputCall: sendResponses,
  async *fullDuplexCall(requests, context) {
    echoMetadata(context);
    for await (const request of requests) yield* sendResponses(request);
  },
};

async function* sendResponses(
  request: StreamingOutputCallRequest,
): AsyncGenerator<StreamingReplyInit> {
  throwStatus(request.responseStatus);
  for (const { size } of request.responseParameters.slice(0, maxResponses)) {
    yield { payload: zeroPayload(size) };
  }
}

function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  requestHeader.forEach((value, name) => {
    responseHeader.set(name, value);
    responseTrailer.set(name, value);
  });
}

function throwStatus(status: EchoStatus | undefined): void {
  if (!status || status.code === 0) return;
  const details = [{ desc: SimpleRequestSchema, value: { responseStatus: status } }];
  throw new ConnectError(status.message, status.code as Code, { "x-why": "asked" }, details);
}

function zeroPayload(size: number): { body: Uint8Array } {
  return { body: new Uint8Array(Math.min(Math.max(size, 0), maxResponseBytes)) };
}
