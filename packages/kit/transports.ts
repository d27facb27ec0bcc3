import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type Span, SpanKind } from "@opentelemetry/api";
import { defaultTimeoutMs } from "./calls.ts";
import { serviceHeader } from "./identity.ts";
import { endSpan, startSpan, traceparentOf } from "./trace.ts";

const maxMessageBytes = 4 * 1024 * 1024;

/** A transport to services of another process, at `http://host:port`: gRPC over HTTP/2. */
export function createRemoteTransport(address: string): Transport {
  return createGrpcTransport({
    baseUrl: address,
    pingIntervalMs: 20_000,
    idleConnectionTimeoutMs: 5 * 60_000,
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  });
}

/**
 * A transport for one service's own calls: it says who calls, continues the trace with a span of its
 * own, and gives every call a deadline.
 */
export function callingAs(token: () => Promise<string>, transport: Transport): Transport {
  const prepare = async (method: DescMethod, header: HeadersInit | undefined) => {
    const headers = plain(header);
    const span = startSpan(nameOf(method), SpanKind.CLIENT, headers["traceparent"]);
    headers["traceparent"] = traceparentOf(span);
    headers[serviceHeader] = await token();
    return { span, headers };
  };
  return {
    async unary(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      const call = transport.unary(
        method,
        signal,
        timeoutMs ?? defaultTimeoutMs,
        headers,
        input,
        values,
      );
      return finish(span, call);
    },
    async stream(method, signal, timeoutMs, header, input, values) {
      const { span, headers } = await prepare(method, header);
      return finish(span, transport.stream(method, signal, timeoutMs, headers, input, values));
    },
  };
}

async function finish<T>(span: Span, call: Promise<T>): Promise<T> {
  try {
    const answer = await call;
    endSpan(span, "ok");
    return answer;
  } catch (error) {
    endSpan(span, Code[ConnectError.from(error).code]);
    throw error;
  }
}

function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

function plain(header: HeadersInit | undefined): Record<string, string> {
  if (header instanceof Headers || Array.isArray(header)) return Object.fromEntries(header);
  return { ...header };
}
