import { Agent, request as httpRequest } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { buffer } from "node:stream/consumers";
import { Code } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import type { FuzzRequest } from "./requests.ts";

/** A response: the HTTP status, the gRPC status where the protocol has one, and the text. */
export type FuzzResponse = {
  readonly httpStatus: number;
  readonly code: Code | undefined;
  readonly text: string;
};

/** Sends requests to one address, over HTTP/2 for gRPC and HTTP/1.1 for the rest. */
export type FuzzSender = {
  send(input: FuzzRequest, headers: Readonly<Record<string, string>>): Promise<FuzzResponse>;
  close(): void;
};

/** The deadline of a stream: 50 ms. */
const streamDeadlineHeaders = { "grpc-timeout": "50m", "connect-timeout-ms": "50" };

export function createSender(url: string): FuzzSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let session: ClientHttp2Session | undefined;
  const http2 = (): ClientHttp2Session => {
    if (!session || session.closed || session.destroyed) {
      session = connect(url);
      session.on("error", () => {});
    }
    return session;
  };
  return {
    send(input, headers) {
      const all = input.isStream ? { ...headers, ...streamDeadlineHeaders } : headers;
      return input.protocol === "gRPC"
        ? sendHttp2(http2(), input, all)
        : sendHttp1(url, agent, input, all);
    },
    close() {
      agent.destroy();
      session?.destroy();
    },
  };
}

async function sendHttp1(
  url: string,
  agent: Agent,
  { httpMethod, path, contentType, body, protocol }: FuzzRequest,
  headers: Readonly<Record<string, string>>,
): Promise<FuzzResponse> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<FuzzResponse>();
  const own = body.length > 0 ? { "content-type": contentType, "content-length": body.length } : {};
  const options = {
    agent,
    hostname,
    port,
    path,
    method: httpMethod,
    headers: { ...headers, ...own },
  };
  const request = httpRequest(options, async (response) => {
    try {
      const text = (await buffer(response)).toString("latin1");
      const status = response.headers["grpc-status"] ?? /grpc-status: *(\d+)/i.exec(text)?.[1];
      const code =
        protocol === "gRPC-Web" && status !== undefined ? Number(status) : lastRecordCode(text);
      resolve({ httpStatus: response.statusCode ?? 0, code: code || undefined, text });
    } catch (error) {
      reject(error);
    }
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

/** The code in the last record of a stream of REST or Connect. */
function lastRecordCode(text: string): Code | undefined {
  const [, code = ""] = /\{"error": ?\{"code": ?"?(\w+)/.exec(text) ?? [];
  return Number(code) || codeFromString(code);
}

async function sendHttp2(
  session: ClientHttp2Session,
  { path, contentType, body }: FuzzRequest,
  headers: Readonly<Record<string, string>>,
): Promise<FuzzResponse> {
  const stream = session.request({
    ...headers,
    ":method": "POST",
    ":path": path,
    "content-type": contentType,
    te: "trailers",
  });
  let httpStatus = 0;
  let status: unknown;
  let message: unknown;
  const readStatus = (from: Record<string, unknown>): void => {
    status = from["grpc-status"] ?? status;
    message = from["grpc-message"] ?? message;
  };
  stream.on("response", (from) => {
    httpStatus = from[":status"] ?? 0;
    readStatus(from);
  });
  stream.on("trailers", readStatus);
  stream.end(body);
  const text = (await buffer(stream)).toString("latin1");
  // How gRPC maps a response without a status (http-grpc-status-mapping.md).
  const missing = httpStatus === 404 ? Code.Unimplemented : Code.Unknown;
  const code = status === undefined ? missing : Number(status);
  return { httpStatus, code: code || undefined, text: `${text} ${message ?? ""}` };
}
