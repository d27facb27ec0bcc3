import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHandlerContext } from "@connectrpc/connect";
import { SpanKind } from "@opentelemetry/api";
import { spanKey, startSpan, traceparentOf } from "../telemetry/spans.ts";
import { SayService } from "../testing/contract.ts";
import { defaultCallTimeoutMs, propagate, propagateAsService } from "./call-options.ts";

function contextOf(timeoutMs?: number) {
  return createHandlerContext({
    service: SayService,
    method: SayService.method.say,
    protocolName: "grpc",
    requestMethod: "POST",
    url: "http://localhost",
    requestHeader: {
      authorization: "Bearer t",
      cookie: "c",
      "plaza-service": "posts",
      "x-any": "1",
    },
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

describe("propagate", () => {
  it("propagates credentials and trace, and no other header", () => {
    const context = contextOf();
    const span = startSpan("a", SpanKind.SERVER, undefined);
    context.values.set(spanKey, span);
    assert.deepEqual(propagate(context).headers, {
      authorization: "Bearer t",
      traceparent: traceparentOf(span),
    });
    context.abort();
  });

  it("propagates the remaining deadline, at most 5 seconds, and never none", (t) => {
    t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
    assert.equal(propagate(contextOf()).timeoutMs, defaultCallTimeoutMs);
    assert.equal(propagate(contextOf(60_000)).timeoutMs, defaultCallTimeoutMs);
    const context = contextOf(1_000);
    t.mock.timers.tick(400);
    assert.equal(propagate(context).timeoutMs, 600);
    t.mock.timers.tick(1_000);
    assert.equal(propagate(context).timeoutMs, 1);
  });

  it("cancels the outgoing call with the handled one", () => {
    const context = contextOf();
    const { signal } = propagate(context);
    assert.ok(signal && !signal.aborted);
    context.abort();
    assert.ok(signal.aborted);
  });
});

describe("propagateAsService", () => {
  it("omits the account's credentials", () => {
    const context = contextOf();
    assert.deepEqual(propagateAsService(context).headers, {});
    context.abort();
  });
});
