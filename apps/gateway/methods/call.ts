import { type Span, SpanKind } from "@opentelemetry/api";
import { endSpan, startSpan } from "@plaza/kit/telemetry/spans";
import { countResponse } from "../base/metrics.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { MethodAccess } from "./method-access.ts";

/** A call from outside, in any protocol. */
export type IncomingCall = {
  readonly request: RequestHead;
  /** Takes the headers of the response. */
  readonly response: { setHeader(name: string, value: string): unknown };
  readonly access: MethodAccess;
  readonly span: Span;
  /** Registers a callback for the end of the call; runs it at once if the call is over. */
  onEnd(callback: () => void): void;
};

/** A call that is one request of Node's HTTP server. */
export type HttpCall = IncomingCall & {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
};

/** Begins a call, which ends when its response closes. */
export function beginHttpCall(
  request: HttpRequest,
  response: HttpResponse,
  access: MethodAccess,
  protocol: "rest" | "rpc",
): HttpCall {
  const span = startCallSpan(access, request);
  response.once("close", () => endCall(span, protocol, response.statusCode));
  const onEnd = (callback: () => void) => {
    if (response.closed) callback();
    else response.once("close", callback);
  };
  return { request, response, access, span, onEnd };
}

/** Starts the server span, as a child of the caller's traceparent if that is valid. */
export function startCallSpan(access: MethodAccess, { headers }: RequestHead): Span {
  const { traceparent } = headers;
  const parent = typeof traceparent === "string" ? traceparent : undefined;
  return startSpan(access.name, SpanKind.SERVER, parent);
}

/** Counts the response and ends the span. */
export function endCall(span: Span, protocol: "rest" | "rpc", status: number): void {
  countResponse(protocol, status);
  const outcome = status < 500 ? "ok" : "internal";
  endSpan(span, outcome, { "http.response.status_code": status });
}

/** The trace id, which responses carry so that users can report it. */
export function traceIdOf({ span }: IncomingCall): string {
  return span.spanContext().traceId;
}
