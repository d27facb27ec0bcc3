import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Client,
  compressionAlgorithms,
  credentials,
  type Metadata,
  Metadata as MetadataClass,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { createGrpcJsTransport } from "../../packages/grpc/interop/grpc-js-transport.ts";
import type { EchoSettings, EchoStack } from "./echo-stack.ts";

/** Google's gRPC for Node, over node:http2. Its server passes messages on as they are on the wire. */
export const grpcJs: EchoStack = {
  async serve(settings) {
    const server = new Server(optionsOf(settings));
    server.addService(definition, { unary, collect, expand, chat });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
    return promise;
  },
  connect(port, settings, gzip) {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      ...optionsOf(settings),
      ...(gzip && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
    });
    return createGrpcJsTransport(client);
  },
};

function optionsOf({ maxStreams, maxAgeMs, keepaliveMs }: EchoSettings) {
  return {
    ...(maxStreams !== undefined && { "grpc.max_concurrent_streams": maxStreams }),
    ...(maxAgeMs !== undefined && { "grpc.max_connection_age_ms": maxAgeMs }),
    ...(keepaliveMs !== undefined && {
      "grpc.keepalive_time_ms": keepaliveMs,
      "grpc.keepalive_permit_without_calls": 1,
    }),
  };
}

function method(
  name: string,
  requestStream: boolean,
  responseStream: boolean,
): MethodDefinition<Buffer, Buffer> {
  const keep = (bytes: Buffer) => bytes;
  return {
    path: `/plaza.interop.v1.EchoService/${name}`,
    requestStream,
    responseStream,
    requestSerialize: keep,
    requestDeserialize: keep,
    responseSerialize: keep,
    responseDeserialize: keep,
  };
}

const definition = {
  unary: method("Unary", false, false),
  collect: method("Collect", true, false),
  expand: method("Expand", false, true),
  chat: method("Chat", true, true),
};

type Call = Pick<ServerUnaryCall<Buffer, Buffer>, "metadata" | "sendMetadata"> &
  NodeJS.EventEmitter;

/** What a request's metadata asks for. */
type Wish = {
  readonly count: number;
  readonly early: number;
  readonly status: number;
  readonly trailer: Metadata;
  /** Aborts when the client ends the call. */
  readonly signal: AbortSignal;
};

/** Waits as long as the request asks, and answers its metadata. */
async function begin(call: Call): Promise<Wish> {
  const ended = new AbortController();
  const { signal } = ended;
  call.once("cancelled", () => ended.abort());
  const number = (name: string) => Number(call.metadata.get(name)[0] ?? 0);
  const header = new MetadataClass();
  const trailer = new MetadataClass();
  for (const text of call.metadata.get("echo-text")) header.set("echo-text", text);
  for (const bytes of call.metadata.get("echo-bytes-bin")) trailer.set("echo-bytes-bin", bytes);
  const delayMs = number("echo-delay-ms");
  if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {});
  call.sendMetadata(header);
  return {
    count: number("echo-count"),
    early: number("echo-early"),
    status: number("echo-status"),
    trailer,
    signal,
  };
}

function unary(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void {
  void begin(call).then((wish) => answerOnce(wish, call.request, answer));
}

function collect(call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void {
  void begin(call).then(async (wish) => {
    let last: Buffer = Buffer.alloc(0);
    try {
      for await (const message of call as AsyncIterable<Buffer>) last = message;
      answerOnce(wish, last, answer);
    } catch {
      // The client has ended the call.
    }
  });
}

function answerOnce({ status, trailer }: Wish, message: Buffer, answer: sendUnaryData<Buffer>) {
  if (status === 0) answer(null, message, trailer);
  else answer({ code: status, details: "as asked", metadata: trailer });
}

function expand(call: ServerWritableStream<Buffer, Buffer>): void {
  void begin(call).then(async (wish) => {
    for (let sent = 0; sent < wish.count; sent += 1) await write(call, wish, call.request);
    end(call, wish);
  });
}

function chat(call: ServerDuplexStream<Buffer, Buffer>): void {
  void begin(call).then(async (wish) => {
    let sent = 0;
    try {
      // Not the call itself, which would be closed for replies too when its last request is read.
      const requests = call.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const message of requests) {
        await write(call, wish, message);
        sent += 1;
        if (sent === wish.early) break;
      }
      end(call, wish);
    } catch {
      // The client has ended the call.
    }
  });
}

type Writer = NodeJS.EventEmitter & {
  write(message: Buffer): boolean;
  end(trailer: Metadata): unknown;
};

async function write(call: Writer, { signal }: Wish, message: Buffer): Promise<void> {
  if (!call.write(message)) await once(call, "drain", { signal }).catch(() => {});
}

function end(call: Writer, { status, trailer }: Wish): void {
  if (status === 0) call.end(trailer);
  else {
    const error = new Error("as asked");
    call.emit(
      "error",
      Object.assign(error, { code: status, details: "as asked", metadata: trailer }),
    );
  }
}
