import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { spanKey, traceparentOf } from "../telemetry/spans.ts";

/** The longest that a call to a neighbour may take unless its caller says otherwise, in milliseconds. */
export const defaultCallTimeoutMs = 5_000;

/**
 * The options that make a call part of the one being handled: its cancellation, what is left of its
 * deadline, the caller's own credential, and the trace. Pass them to every call made by a handler.
 */
export function propagate(context: HandlerContext): CallOptions {
  const authorization = context.requestHeader.get("authorization");
  return createCallOptions(context, authorization ? { authorization } : {});
}

/** Like `forward`, but the service calls in its own name: the account behind the call is left out. */
export function propagateAsService(context: HandlerContext): CallOptions {
  return createCallOptions(context, {});
}

/** The header that makes a call on behalf of several calls part of the trace of this one of them. */
export function traceHeaders(context: HandlerContext): Record<string, string> {
  const span = context.values.get(spanKey);
  return span ? { traceparent: traceparentOf(span) } : {};
}

function createCallOptions(
  context: HandlerContext,
  ownHeaders: Record<string, string>,
): CallOptions {
  const headers = { ...traceHeaders(context), ...ownHeaders };
  // At least 1: to a transport, 0 means no deadline at all.
  const left = Math.max(context.timeoutMs() ?? defaultCallTimeoutMs, 1);
  const timeoutMs = Math.min(left, defaultCallTimeoutMs);
  return { headers, timeoutMs, signal: context.signal };
}
