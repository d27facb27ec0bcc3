import type { DescMethod } from "@bufbuild/protobuf";
import { ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { type Span, SpanKind } from "@opentelemetry/api";
import { serviceTokenHeader } from "../identity/authenticator.ts";
import { endSpan, startSpan, traceparentOf } from "../telemetry/spans.ts";
import { defaultCallTimeoutMs } from "./call-options.ts";
import { statusName } from "./error-mapping.ts";
import { methodName } from "./method-name.ts";

/**
 * Wraps a transport for the outgoing calls of a service: adds the service token and a client span, and a
 * deadline of 5 seconds to calls without one, streams included.
 */
export function withServiceIdentity(token: () => Promise<string>, transport: Transport): Transport {
  const prepare = async (method: DescMethod, header: HeadersInit | undefined) => {
    const serviceToken = await token();
    const headers = toPlainHeaders(header);
    const span = startSpan(methodName(method), SpanKind.CLIENT, headers["traceparent"]);
    headers["traceparent"] = traceparentOf(span);
    headers[serviceTokenHeader] = serviceToken;
    return { span, headers };
  };
  return {
    async unary(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      try {
        const deadlineMs = timeoutMs ?? defaultCallTimeoutMs;
        const response = await transport.unary(method, signal, deadlineMs, headers, input, values);
        endSpan(span, "ok");
        return response;
      } catch (error) {
        throw endSpanWithError(span, error);
      }
    },
    async stream(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      try {
        const deadlineMs = timeoutMs ?? defaultCallTimeoutMs;
        const response = await transport.stream(method, signal, deadlineMs, headers, input, values);
        return traceMessages(span, response);
      } catch (error) {
        throw endSpanWithError(span, error);
      }
    },
  };
}

function traceMessages<R extends StreamResponse>(span: Span, response: R): R {
  async function* messages() {
    try {
      yield* response.message;
      endSpan(span, "ok");
    } catch (error) {
      throw endSpanWithError(span, error);
    }
  }
  return { ...response, message: messages() };
}

function endSpanWithError(span: Span, error: unknown): unknown {
  endSpan(span, statusName(ConnectError.from(error).code));
  return error;
}

// Lower-case names, as in Headers, without the cost of a Headers object.
function toPlainHeaders(header: HeadersInit | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  const isList = header instanceof Headers || Array.isArray(header);
  for (const [name, value] of isList ? header : Object.entries(header ?? {})) {
    if (name !== undefined && value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}
