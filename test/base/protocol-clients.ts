import {
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromJson,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { apiClient } from "./api-client.ts";
import { toApiRequest } from "./api-request.ts";

/** A method that takes one request message. */
export type SingleRequestMethod = DescMethodUnary | DescMethodServerStreaming;

/** The result of a call, or of the start of a stream: a message, or an error code. */
export type ProtocolOutcome = { readonly code: Code | "ok"; readonly message?: Message };

/** A client of Plaza over one protocol. */
export type ProtocolClient = {
  readonly protocol: string;
  call(
    method: SingleRequestMethod,
    request: Message,
    headers: Readonly<Record<string, string>>,
  ): Promise<ProtocolOutcome>;
  close(): void;
};

/** gRPC, as between processes and from clients of any language. */
export function createGrpcClient(url: string): ProtocolClient {
  const sessionManager = new Http2SessionManager(url);
  const transport = createGrpcTransport({ baseUrl: url, sessionManager });
  return createTransportClient("gRPC", transport, () => sessionManager.abort());
}

/** Connect and gRPC-Web, as from browsers. */
export function createWebClients(url: string): ProtocolClient[] {
  const options = { baseUrl: url, httpVersion: "1.1" } as const;
  return [
    createTransportClient("Connect", createConnectTransport(options)),
    createTransportClient("gRPC-Web", createGrpcWebTransport(options)),
  ];
}

/** REST; a method without a route is Unimplemented. */
export function createRestProtocolClient(url: string): ProtocolClient {
  return {
    protocol: "REST",
    async call(method, request, headers) {
      const call = toApiRequest(method, request);
      if (!call) return { code: Code.Unimplemented };
      const { httpMethod, path, body } = call;
      if (method.methodKind !== "unary")
        return firstLine(method, await fetch(url + path, { headers }));
      const answer = await apiClient(url)(`${httpMethod} ${path}`, body, headers);
      if (answer.status === 200) return { code: "ok", message: answer.as(method.output) };
      return { code: (answer.json() as { code: Code }).code };
    },
    close() {},
  };
}

function createTransportClient(
  protocol: string,
  transport: Transport,
  close: () => void = () => {},
): ProtocolClient {
  return {
    protocol,
    async call(method, request, headers) {
      try {
        if (method.methodKind !== "unary") {
          return await firstMessage(transport, method, request, headers);
        }
        const { message } = await transport.unary(method, undefined, 30_000, headers, request);
        return { code: "ok", message };
      } catch (error) {
        return { code: ConnectError.from(error).code };
      }
    },
    close,
  };
}

/** Opens a stream, and cancels it after the first message. */
async function firstMessage(
  transport: Transport,
  method: DescMethodServerStreaming,
  request: Message,
  headers: Readonly<Record<string, string>>,
): Promise<ProtocolOutcome> {
  async function* requests() {
    yield request;
  }
  const leaving = new AbortController();
  const { signal } = leaving;
  try {
    const stream = await transport.stream(method, signal, 30_000, headers, requests());
    for await (const message of stream.message) return { code: "ok", message };
    return { code: "ok" };
  } finally {
    leaving.abort();
  }
}

/** The same over REST, where each line holds a message. */
async function firstLine(method: DescMethod, { status, body }: Response): Promise<ProtocolOutcome> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = (await reader?.read()) ?? {};
  await reader?.cancel();
  const [line = ""] = value.split("\n");
  const record = JSON.parse(line) as { code: Code; result: JsonValue };
  if (status !== 200) return { code: record.code };
  return { code: "ok", message: fromJson(method.output, record.result) };
}
