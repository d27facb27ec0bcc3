import type { IncomingMessage, ServerResponse } from "node:http";
import { type Span, SpanKind } from "@opentelemetry/api";
import { endSpan, startSpan } from "@plaza/kit/trace";
import { countAnswer } from "./metrics.ts";

/** What is asked of a caller before a method is called. */
export type Entry = {
  /** `package.Service/Method`. */
  readonly name: string;
  /** Whether it may be called without a session. */
  readonly isPublic: boolean;
  /** Whether its answer may hand out a session cookie. */
  readonly signsIn: boolean;
};

/** A call from outside, whatever its protocol. HTTP/2 requests come in the shape of HTTP/1.1 ones. */
export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: Entry;
  readonly span: Span;
};

/** Begins a call, in the trace that the caller names or in a new one; it ends with its response. */
export function beginCall(
  request: IncomingMessage,
  response: ServerResponse,
  entry: Entry,
  protocol: "rest" | "rpc",
): Call {
  const { traceparent } = request.headers;
  const parent = typeof traceparent === "string" ? traceparent : undefined;
  const span = startSpan(entry.name, SpanKind.SERVER, parent);
  response.once("close", () => {
    const { statusCode } = response;
    countAnswer(protocol, statusCode);
    const outcome = statusCode < 500 ? "ok" : "internal";
    endSpan(span, outcome, { "http.response.status_code": statusCode });
  });
  return { request, response, entry, span };
}

/** The trace of a call, told to the caller so that it can be named in a complaint. */
export function traceIdOf({ span }: Call): string {
  return span.spanContext().traceId;
}
