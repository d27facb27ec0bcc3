import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { type InteropCase, zeroPayload } from "./interop-case.ts";

const messageCount = 20_000;
const messageBytes = 20;

/** One message in flight: gRPC's C core returns the window of each, Go's client sends a PING for each. */
export const smallMessages: InteropCase = async ({ plain }) => {
  let wake: () => void = () => undefined;
  async function* requests() {
    for (let sent = 0; sent < messageCount; sent++) {
      const answered = new Promise<void>((resolve) => {
        wake = resolve;
      });
      yield { responseParameters: [{ size: messageBytes }], payload: zeroPayload(messageBytes) };
      await answered;
    }
  }
  let received = 0;
  for await (const { payload } of createClient(TestService, plain).fullDuplexCall(requests())) {
    assert.equal(payload?.body.length, messageBytes);
    received += 1;
    wake();
  }
  assert.equal(received, messageCount);
};
