// The interoperability cases about calls that fail or are cancelled.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Code, createClient } from "@connectrpc/connect";
import { TestService, UnimplementedService } from "../gen/grpc/testing/test_pb.ts";
import { assertFailsWith, collectMessages, type InteropCase, zeroPayload } from "./interop-case.ts";

const unknownStatus = 2;
const deadlineCallers = 6;
const deadlinesPerCaller = 40;

/** Cancelled in the same turn, maybe before anything is sent, and when the server waits for requests. */
const cancelAfterBegin: InteropCase = async ({ plain }) => {
  const client = createClient(TestService, plain);
  for (const delayMs of [0, 50]) {
    const controller = new AbortController();
    const { signal } = controller;
    const call = client.streamingInputCall(pendingUntil(signal), { signal });
    if (delayMs === 0) controller.abort();
    else setTimeout(() => controller.abort(), delayMs);
    await assertFailsWith(call, Code.Canceled);
  }
};

const cancelAfterFirstResponse: InteropCase = async ({ plain }) => {
  const controller = new AbortController();
  const { signal } = controller;
  async function* requests() {
    yield { responseParameters: [{ size: 31415 }], payload: zeroPayload(27182) };
    yield* pendingUntil(signal);
  }
  const replies = createClient(TestService, plain)
    .fullDuplexCall(requests(), { signal })
    [Symbol.asyncIterator]();
  const first = await replies.next();
  assert.equal(first.value?.payload?.body.length, 31415);
  controller.abort();
  await assertFailsWith(replies.next(), Code.Canceled);
};

/** With the official millisecond, which may pass before anything is sent, and with a server that sleeps longer. */
const timeoutOnSleepingServer: InteropCase = async ({ plain }) => {
  const client = createClient(TestService, plain);
  for (const timeoutMs of [1, 100]) {
    const ended = new AbortController();
    async function* requests() {
      yield {
        payload: zeroPayload(27182),
        responseParameters: [{ size: 31415, intervalUs: 20_000_000 }],
      };
      yield* pendingUntil(ended.signal);
    }
    const begun = performance.now();
    await assertFailsWith(
      collectMessages(client.fullDuplexCall(requests(), { timeoutMs })),
      Code.DeadlineExceeded,
    );
    assert.ok(performance.now() - begun < timeoutMs + 2000);
    ended.abort();
  }
};

/** A deadline ends its call alone: C core ends one with trailers twice, Java with a reset and then trailers. */
const deadlinesBesideCalls: InteropCase = async ({ plain }) => {
  const client = createClient(TestService, plain);
  const request = { responseParameters: [{ size: 1, intervalUs: 20_000_000 }] };
  let isDone = false;
  const others = async () => {
    while (!isDone) await client.emptyCall({});
  };
  const caller = async () => {
    for (let n = 0; n < deadlinesPerCaller; n++) {
      const call = collectMessages(client.streamingOutputCall(request, { timeoutMs: 5 + (n % 5) }));
      await assertFailsWith(call, Code.DeadlineExceeded);
    }
  };
  const other = others();
  await Promise.all(Array.from({ length: deadlineCallers }, caller)).finally(() => {
    isDone = true;
  });
  await other;
};

const statusCodeAndMessage: InteropCase = async ({ plain }) => {
  const client = createClient(TestService, plain);
  const responseStatus = { code: unknownStatus, message: "test status message" };
  await assertFailsWith(client.unaryCall({ responseStatus }), Code.Unknown, responseStatus.message);
  async function* requests() {
    yield { responseStatus };
  }
  const replies = collectMessages(client.fullDuplexCall(requests()));
  await assertFailsWith(replies, Code.Unknown, responseStatus.message);
};

const specialStatusMessage: InteropCase = async ({ plain }) => {
  const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
  const responseStatus = { code: unknownStatus, message };
  const call = createClient(TestService, plain).unaryCall({ responseStatus });
  await assertFailsWith(call, Code.Unknown, message);
};

const unimplementedMethod: InteropCase = ({ plain }) =>
  assertFailsWith(createClient(TestService, plain).unimplementedCall({}), Code.Unimplemented);

const unimplementedService: InteropCase = ({ plain }) =>
  assertFailsWith(
    createClient(UnimplementedService, plain).unimplementedCall({}),
    Code.Unimplemented,
  );

/** Requests that never come: the call stays open until the client ends it. */
async function* pendingUntil(signal: AbortSignal): AsyncGenerator<never> {
  if (!signal.aborted) await once(signal, "abort");
  yield* [];
}

export const endingCases = {
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
  deadlines_beside_calls: deadlinesBesideCalls,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  unimplemented_method: unimplementedMethod,
  unimplemented_service: unimplementedService,
} satisfies Record<string, InteropCase>;
