import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { rest } from "./http.ts";
import { toRestCall } from "./rest-call.ts";

/** How a call ended: with an answer, or refused with a code. */
export type Outcome = { readonly code: Code | "ok"; readonly message?: Message };

/** One protocol by which a Plaza can be called. */
export type Door = {
  readonly protocol: string;
  call(
    method: DescMethodUnary,
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
        const { message } = await transport.unary(method, undefined, 30_000, headers, request);
        return { code: "ok", message };
      } catch (error) {
        return { code: ConnectError.from(error).code };
      }
    },
    close,
  };
}
