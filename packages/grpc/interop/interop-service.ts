import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type {
  BoolValue,
  EchoStatus,
  StreamingInputCallRequest,
  StreamingOutputCallRequest,
} from "../gen/grpc/testing/messages_pb.ts";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";

type Routes = Omit<ServiceImpl<typeof TestService>, "unimplementedCall" | "halfDuplexCall">;

/** The server's half of the interoperability cases, to be hosted on any stack. */
export type InteropHost = {
  readonly routes: Routes;
  /** Calls whose handler has not returned yet: zero again soon after a client cancels. */
  runningCalls(): number;
};

/**
 * Makes the service. A handler sees whether requests are compressed by their `grpc-encoding` header only,
 * if its stack shows it (`checksCompression`); whether replies are, it cannot choose: its stack does.
 */
export function createInteropHost({
  checksCompression,
}: {
  checksCompression: boolean;
}): InteropHost {
  let running = 0;
  const checked = (expected: BoolValue | undefined, context: HandlerContext) => {
    if (checksCompression) refuseUncompressed(expected, context);
  };
  const counted = async <T>(work: () => Promise<T>) => {
    running += 1;
    return work().finally(() => {
      running -= 1;
    });
  };
  async function* countedEach<T>(messages: AsyncIterable<T>) {
    running += 1;
    try {
      yield* messages;
    } finally {
      running -= 1;
    }
  }
  const routes: Routes = {
    emptyCall: () => ({}),
    unaryCall(request, context) {
      echoMetadata(context);
      checked(request.expectCompressed, context);
      throwStatus(request.responseStatus);
      return { payload: zeros(request.responseSize) };
    },
    streamingInputCall: (requests, context) => counted(() => total(requests, context, checked)),
    streamingOutputCall: (request, context) => countedEach(replies(request, context)),
    fullDuplexCall: (requests, context) => countedEach(allReplies(requests, context)),
  };
  return { routes, runningCalls: () => running };
}

async function total(
  requests: AsyncIterable<StreamingInputCallRequest>,
  context: HandlerContext,
  check: (expected: BoolValue | undefined, context: HandlerContext) => void,
) {
  let aggregatedPayloadSize = 0;
  for await (const { payload, expectCompressed } of requests) {
    check(expectCompressed, context);
    aggregatedPayloadSize += payload?.body.length ?? 0;
  }
  return { aggregatedPayloadSize };
}

async function* allReplies(
  requests: AsyncIterable<StreamingOutputCallRequest>,
  context: HandlerContext,
) {
  echoMetadata(context);
  for await (const request of requests) yield* replies(request, context);
}

async function* replies(request: StreamingOutputCallRequest, context: HandlerContext) {
  throwStatus(request.responseStatus);
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await pause(intervalUs / 1000, context);
    yield { payload: zeros(size) };
  }
}

/**
 * Waits; throws the status that ends the call when it ends before. Only calls that carry a deadline may wait, so
 * that no client passes by its own clock alone.
 */
async function pause(ms: number, { signal, timeoutMs }: HandlerContext) {
  if (timeoutMs() === undefined) {
    throw new ConnectError("asked to sleep without a deadline", Code.FailedPrecondition);
  }
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext) {
  const initial = requestHeader.get("x-grpc-test-echo-initial");
  if (initial !== null) responseHeader.set("x-grpc-test-echo-initial", initial);
  const trailing = requestHeader.get("x-grpc-test-echo-trailing-bin");
  if (trailing !== null) responseTrailer.set("x-grpc-test-echo-trailing-bin", trailing);
}

function refuseUncompressed(expected: BoolValue | undefined, { requestHeader }: HandlerContext) {
  const encoding = requestHeader.get("grpc-encoding") ?? "identity";
  if (expected?.value && encoding === "identity") {
    throw new ConnectError("expected a compressed message", Code.InvalidArgument);
  }
}

function throwStatus(status: EchoStatus | undefined) {
  if (status && status.code !== 0) throw new ConnectError(status.message, status.code);
}

function zeros(size: number) {
  return { body: new Uint8Array(size) };
}
