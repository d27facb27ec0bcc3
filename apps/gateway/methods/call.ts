import type { IncomingMessage, ServerResponse } from "node:http";
import { type Span, SpanKind } from "@opentelemetry/api";
import { endSpan, startSpan } from "@plaza/kit/telemetry/spans";
import { countResponse } from "../base/metrics.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { MethodAccess } from "./method-access.ts";

/** A call from outside, whatever its protocol. */
export type IncomingCall = {
  readonly request: RequestHead;
  /** Where the headers of the answer are put. */
  readonly response: { setHeader(name: string, value: string): unknown };
  readonly access: MethodAccess;
  readonly span: Span;
  /** Has something done once the call is over. */
  onEnd(callback: () => void): void;
};

/** A call that came in one request of HTTP. */
export type HttpCall = IncomingCall & {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

/** Begins a call; it ends with its response. */
export function beginHttpCall(
  request: IncomingMessage,
  response: ServerResponse,
  access: MethodAccess,
  protocol: "rest" | "rpc",
): HttpCall {
  const span = startCallSpan(access, request);
  response.once("close", () => endCall(span, protocol, response.statusCode));
  const onEnd = (then: () => void) => {
    if (response.closed) then();
    else response.once("close", then);
  };
  return { request, response, access: access, span, onEnd };
}

/** A call's part in the trace that the caller names, or in a new one. */
export function startCallSpan(access: MethodAccess, { headers }: RequestHead): Span {
  const { traceparent } = headers;
  const parent = typeof traceparent === "string" ? traceparent : undefined;
  return startSpan(access.name, SpanKind.SERVER, parent);
}

/** Counts a call that is over, and ends its part in the trace. */
export function endCall(span: Span, protocol: "rest" | "rpc", status: number): void {
  countResponse(protocol, status);
  const outcome = status < 500 ? "ok" : "internal";
  endSpan(span, outcome, { "http.response.status_code": status });
}

/** The trace of a call, told to the caller so that it can be named in a complaint. */
export function traceIdOf({ span }: IncomingCall): string {
  return span.spanContext().traceId;
}
