import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type Span, SpanKind } from "@opentelemetry/api";
import { defaultTimeoutMs } from "./calls.ts";
import { serviceHeader } from "./identity.ts";
import { endSpan, startSpan, traceparentOf } from "./trace.ts";
import { outcomeOf } from "./translate.ts";

const maxMessageBytes = 4 * 1024 * 1024;

/** A transport to services of another process, at `http://host:port`: gRPC over HTTP/2. */
export function createRemoteTransport(address: string): Transport {
  const transport = createGrpcTransport({
    baseUrl: address,
    pingIntervalMs: 20_000,
    idleConnectionTimeoutMs: 5 * 60_000,
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  });
  return {
    async unary(method, signal, ...call) {
      try {
        return await transport.unary(method, signal, ...call);
      } catch (error) {
        throw isCut(error, signal) ? outOfReach(error) : error;
      }
    },
    async stream(method, signal, ...call) {
      try {
        return await transport.stream(method, signal, ...call);
      } catch (error) {
        throw isCut(error, signal) ? outOfReach(error) : error;
      }
    },
  };
}

/**
 * Whether the neighbour gave up the call because it is stopping or gone. Connect reports its HTTP/2
 * errors as INTERNAL or CANCELED, as if it had failed or we had called it off.
 */
function isCut(error: unknown, signal: AbortSignal | undefined): boolean {
  const { code, cause } = ConnectError.from(error);
  const isHttp2 = cause instanceof Error && "code" in cause && /^ERR_HTTP2_/.test(`${cause.code}`);
  return isHttp2 || (code === Code.Canceled && !signal?.aborted);
}

function outOfReach(cause: unknown): ConnectError {
  return new ConnectError("the connection was lost", Code.Unavailable, undefined, undefined, cause);
}

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
