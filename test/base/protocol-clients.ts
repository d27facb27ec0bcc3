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
import { rest } from "./api-client.ts";
import { toRestCall } from "./api-request.ts";

/** A method whose callers send one message. */
export type Callable = DescMethodUnary | DescMethodServerStreaming;

/** How a call ended, or a stream began: with an answer, or refused with a code. */
export type Outcome = { readonly code: Code | "ok"; readonly message?: Message };

/** One protocol by which a Plaza can be called. */
export type Door = {
  readonly protocol: string;
  call(
    method: Callable,
    request: Message,
    headers: Readonly<Record<string, string>>,
  ): Promise<Outcome>;
  close(): void;
};

/** gRPC, as between processes and from clients of any language. */
export function grpcDoor(url: string): Door {
  const sessionManager = new Http2SessionManager(url);
  const transport = createGrpcTransport({ baseUrl: url, sessionManager });
  return rpcDoor("gRPC", transport, () => sessionManager.abort());
}

/** Connect and gRPC-Web, as from browsers. */
export function webDoors(url: string): Door[] {
  const options = { baseUrl: url, httpVersion: "1.1" } as const;
  return [
    rpcDoor("Connect", createConnectTransport(options)),
    rpcDoor("gRPC-Web", createGrpcWebTransport(options)),
  ];
}

/** REST; answers undefined for a method without a route. */
export function restDoor(url: string): Door {
  return {
    protocol: "REST",
    async call(method, request, headers) {
      const call = toRestCall(method, request);
      if (!call) return { code: Code.Unimplemented };
      const { httpMethod, path, body } = call;
      if (method.methodKind !== "unary")
        return firstLine(method, await fetch(url + path, { headers }));
      const answer = await rest(url)(`${httpMethod} ${path}`, body, headers);
      if (answer.status === 200) return { code: "ok", message: answer.as(method.output) };
      return { code: (answer.json() as { code: Code }).code };
    },
    close() {},
  };
}

function rpcDoor(protocol: string, transport: Transport, close: () => void = () => {}): Door {
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

/** Opens a stream, and leaves it when it has begun. */
async function firstMessage(
  transport: Transport,
  method: DescMethodServerStreaming,
  request: Message,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome> {
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
async function firstLine(method: DescMethod, { status, body }: Response): Promise<Outcome> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = (await reader?.read()) ?? {};
  await reader?.cancel();
  const [line = ""] = value.split("\n");
  const record = JSON.parse(line) as { code: Code; result: JsonValue };
  if (status !== 200) return { code: record.code };
  return { code: "ok", message: fromJson(method.output, record.result) };
}
