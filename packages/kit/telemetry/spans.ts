import { randomUUID } from "node:crypto";
import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

const tracer = trace.getTracer("plaza");

/** Context key under which the pipeline stores a call's server span. */
export const spanKey = createContextKey<Span | undefined>(undefined, { description: "plaza.span" });

/**
 * Starts a child of the span in a W3C `traceparent` header, or a new trace without one. Without an exporter
 * the span still has ids, so that logs of several processes can be correlated.
 */
export function startSpan(name: string, kind: SpanKind, parent: string | null | undefined): Span {
  const parentContext = parent ? parseTraceparent(parent) : undefined;
  const context = parentContext ? trace.setSpanContext(ROOT_CONTEXT, parentContext) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind }, context);
  if (span.isRecording()) return span;
  const id = randomUUID();
  // Skips the fixed bits of version and variant in the middle.
  const spanId = id.slice(-12) + id.slice(0, 4);
  const traceId = parentContext?.traceId ?? randomUUID().replaceAll("-", "");
  // Keeps the sampled flag for services downstream.
  const traceFlags = parentContext?.traceFlags ?? TraceFlags.NONE;
  return trace.wrapSpanContext({ traceId, spanId, traceFlags });
}

/** Ends a span with the status of its call, in lower case (`not_found`). */
export function endSpan(span: Span, code: string, attributes: Attributes = {}): void {
  if (span.isRecording()) {
    span.setAttributes({ "rpc.system": "grpc", "rpc.grpc.status_code": code, ...attributes });
    if (code !== "ok") span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }
  span.end();
}

/** The `traceparent` header (W3C Trace Context) that makes the span the parent of a call. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? "01" : "00"}`;
}

/** The trace id of a call, for logs. */
export function traceIdOf(context: HandlerContext): string | undefined {
  return context.values.get(spanKey)?.spanContext().traceId;
}

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function parseTraceparent(header: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparentPattern.exec(header) ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}
