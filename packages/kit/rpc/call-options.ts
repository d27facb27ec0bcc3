import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { spanKey, traceparentOf } from "../telemetry/spans.ts";

/** Default deadline of a call to another service, in milliseconds. */
export const defaultCallTimeoutMs = 5_000;

/**
 * Call options that propagate cancellation, remaining deadline (at most 5 seconds), credentials and trace of
 * the handled call. Pass them to each call made by a handler.
 */
export function propagate(context: HandlerContext): CallOptions {
  const authorization = context.requestHeader.get("authorization");
  return createCallOptions(context, authorization ? { authorization } : {});
}

/** Like `propagate`, without the account's credentials: the service calls in its own name. */
export function propagateAsService(context: HandlerContext): CallOptions {
  return createCallOptions(context, {});
}

/** The trace header of a call, for a batched call that serves several. */
export function traceHeaders(context: HandlerContext): Record<string, string> {
  const span = context.values.get(spanKey);
  return span ? { traceparent: traceparentOf(span) } : {};
}

function createCallOptions(
  context: HandlerContext,
  credentials: Record<string, string>,
): CallOptions {
  const headers = { ...traceHeaders(context), ...credentials };
  // At least 1: transports take 0 for no deadline.
  const remainingMs = Math.max(context.timeoutMs() ?? defaultCallTimeoutMs, 1);
  const timeoutMs = Math.min(remainingMs, defaultCallTimeoutMs);
  return { headers, timeoutMs, signal: context.signal };
}
