import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Span, SpanKind } from "@opentelemetry/api";
import { endSpan, startSpan } from "@plaza/kit/telemetry/spans";
import type { MethodQuotas } from "../admission/rate-limiter.ts";
import { countAnswer } from "../base/metrics.ts";
import type { Cacheable } from "./cache-policy.ts";
import type { Carried } from "./cookie-fields.ts";

/** What is asked of a caller before a method is called. */
export type Entry = {
  /** `package.Service/Method`. */
  readonly name: string;
  /** Whether it may be called without a session. */
  readonly isPublic: boolean;
  /** Whether its answer may hand out a session cookie. */
  readonly signsIn: boolean;
  /** How often it may be called; undefined for the edge's own methods, which only addresses limit. */
  readonly quotas: MethodQuotas | undefined;
  /** Set when its answers may be given to more than one caller. */
  readonly cacheable?: Cacheable | undefined;
  /** Whether it has many messages, either way. */
  readonly isStream: boolean;
  /** The secret that browsers carry for it in a cookie, if any. */
  readonly carried: Carried | undefined;
};

/** What a call says of itself beside its message; HTTP/2 requests come in the shape of HTTP/1.1 ones. */
export type Asked = Pick<IncomingMessage, "method" | "headers"> & {
  readonly socket: Pick<Socket, "remoteAddress">;
};

/** A call from outside, whatever its protocol. */
export type Call = {
  readonly request: Asked;
  /** Where the headers of the answer are put. */
  readonly response: { setHeader(name: string, value: string): unknown };
  readonly entry: Entry;
  readonly span: Span;
  /** Has something done once the call is over. */
  onEnd(then: () => void): void;
};

/** A call that came in one request of HTTP. */
export type HttpCall = Call & {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

/** Begins a call; it ends with its response. */
export function beginHttpCall(
  request: IncomingMessage,
  response: ServerResponse,
  entry: Entry,
  protocol: "rest" | "rpc",
): HttpCall {
  const span = beginSpan(entry, request);
  response.once("close", () => endCall(span, protocol, response.statusCode));
  const onEnd = (then: () => void) => {
    if (response.closed) then();
    else response.once("close", then);
  };
  return { request, response, entry, span, onEnd };
}

/** A call's part in the trace that the caller names, or in a new one. */
export function beginSpan(entry: Entry, { headers }: Asked): Span {
  const { traceparent } = headers;
  const parent = typeof traceparent === "string" ? traceparent : undefined;
  return startSpan(entry.name, SpanKind.SERVER, parent);
}

/** Counts a call that is over, and ends its part in the trace. */
export function endCall(span: Span, protocol: "rest" | "rpc", status: number): void {
  countAnswer(protocol, status);
  const outcome = status < 500 ? "ok" : "internal";
  endSpan(span, outcome, { "http.response.status_code": status });
}

/** The trace of a call, told to the caller so that it can be named in a complaint. */
export function traceIdOf({ span }: Call): string {
  return span.spanContext().traceId;
}
