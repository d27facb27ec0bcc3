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

/** The context value under which the chain leaves a call's own span for what the handler calls. */
export const spanKey = createContextKey<Span | undefined>(undefined, { description: "plaza.span" });

/**
 * Starts a span below the one that a W3C `traceparent` header names, or a new trace without one. When
 * nothing records, the span still has ids of its own, so that logs can be joined across processes.
 */
export function startSpan(name: string, kind: SpanKind, parent: string | null | undefined): Span {
  const above = parent ? parseTraceparent(parent) : undefined;
  const under = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind }, under);
  if (span.isRecording()) return span;
  const id = randomUUID();
  // Not its fixed bits: those of the version and the variant are in the middle.
  const spanId = id.slice(-12) + id.slice(0, 4);
  const traceId = above?.traceId ?? randomUUID().replaceAll("-", "");
  // That nobody records here does not take the trace out of the sample for those further down.
  const traceFlags = above?.traceFlags ?? TraceFlags.NONE;
  return trace.wrapSpanContext({ traceId, spanId, traceFlags });
}

/** Ends a span, with the outcome of its call when that failed. */
export function endSpan(span: Span, code: string, attributes: Attributes = {}): void {
  if (span.isRecording()) {
    span.setAttributes({ "rpc.system": "grpc", "rpc.grpc.status_code": code, ...attributes });
    if (code !== "ok") span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }
  span.end();
}

/** The `traceparent` header (W3C Trace Context) that makes the span the parent of what is called. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? "01" : "00"}`;
}

/** The trace that a call belongs to, for logs. */
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
