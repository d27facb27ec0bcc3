import type { DescMethod } from "@bufbuild/protobuf";
import { ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { type Span, SpanKind } from "@opentelemetry/api";
import { serviceHeader } from "../identity/authenticator.ts";
import { endSpan, startSpan, traceparentOf } from "../telemetry/spans.ts";
import { defaultTimeoutMs } from "./call-options.ts";
import { outcomeOf } from "./error-mapping.ts";

/**
 * A transport for one service's own calls: it says who calls, continues the trace with a span of its
 * own, and gives every call a deadline, streams included: 5 seconds unless the caller says otherwise.
 */
export function callingAs(token: () => Promise<string>, transport: Transport): Transport {
  const prepare = async (method: DescMethod, header: HeadersInit | undefined) => {
    const serviceToken = await token();
    const headers = plain(header);
    const span = startSpan(nameOf(method), SpanKind.CLIENT, headers["traceparent"]);
    headers["traceparent"] = traceparentOf(span);
    headers[serviceHeader] = serviceToken;
    return { span, headers };
  };
  return {
    async unary(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      try {
        const limit = timeoutMs ?? defaultTimeoutMs;
        const answer = await transport.unary(method, signal, limit, headers, input, values);
        endSpan(span, "ok");
        return answer;
      } catch (error) {
        throw failed(span, error);
      }
    },
    async stream(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      try {
        const limit = timeoutMs ?? defaultTimeoutMs;
        const answer = await transport.stream(method, signal, limit, headers, input, values);
        return traced(span, answer);
      } catch (error) {
        throw failed(span, error);
      }
    },
  };
}

function traced<R extends StreamResponse>(span: Span, response: R): R {
  async function* messages() {
    try {
      yield* response.message;
      endSpan(span, "ok");
    } catch (error) {
      throw failed(span, error);
    }
  }
  return { ...response, message: messages() };
}

function failed(span: Span, error: unknown): unknown {
  endSpan(span, outcomeOf(ConnectError.from(error).code));
  return error;
}

function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

// Names in lower case, as Headers would have them, without the cost of one.
function plain(header: HeadersInit | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  const isList = header instanceof Headers || Array.isArray(header);
  for (const [name, value] of isList ? header : Object.entries(header ?? {})) {
    if (name !== undefined && value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}
