import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { spanKey, traceparentOf } from "../telemetry/spans.ts";

/** The longest that a call to a neighbour may take unless its caller says otherwise, in milliseconds. */
export const defaultTimeoutMs = 5_000;

/**
 * The options that make a call part of the one being handled: its cancellation, what is left of its
 * deadline, the caller's own credential, and the trace. Pass them to every call made by a handler.
 */
export function forward(context: HandlerContext): CallOptions {
  const authorization = context.requestHeader.get("authorization");
  return callOptions(context, authorization ? { authorization } : {});
}

/** Like `forward`, but the service calls in its own name: the account behind the call is left out. */
export function asService(context: HandlerContext): CallOptions {
  return callOptions(context, {});
}

/** The header that makes a call on behalf of several calls part of the trace of this one of them. */
export function traceOf(context: HandlerContext): Record<string, string> {
  const span = context.values.get(spanKey);
  return span ? { traceparent: traceparentOf(span) } : {};
}

function callOptions(context: HandlerContext, own: Record<string, string>): CallOptions {
  const headers = { ...traceOf(context), ...own };
  // At least 1: to a transport, 0 means no deadline at all.
  const left = Math.max(context.timeoutMs() ?? defaultTimeoutMs, 1);
  const timeoutMs = Math.min(left, defaultTimeoutMs);
  return { headers, timeoutMs, signal: context.signal };
}
