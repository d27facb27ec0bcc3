import { once } from "node:events";
import {
  create,
  type DescMessage,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  ConnectError,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import type {
  CallOptions,
  Client,
  ClientDuplexStream,
  Metadata,
  StatusObject,
} from "@grpc/grpc-js";
import { methodPath } from "../calls/method-path.ts";
import { toHeaders, toMetadata } from "./grpc-js-metadata.ts";

/** Lets a client made by Connect's `createClient` call through grpc-js. */
export function createGrpcJsTransport(client: Client): Transport {
  return {
    unary: (method, signal, timeoutMs, header, input) =>
      unary(client, method, { signal, timeoutMs, header }, input),
    stream: (method, signal, timeoutMs, header, input) =>
      stream(client, method, { signal, timeoutMs, header }, input),
  };
}

type Options = {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly header: HeadersInit | undefined;
};

function unary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodUnary<I, O>,
  { signal, timeoutMs, header }: Options,
  input: MessageInitShape<I>,
): Promise<UnaryResponse<I, O>> {
  return new Promise((resolve, reject) => {
    let received = new Headers();
    let reply: MessageShape<O> | undefined;
    const call = client.makeUnaryRequest(
      methodPath(method),
      (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
      (bytes) => fromBinary(method.output, bytes),
      create(method.input, input),
      toMetadata(header),
      deadlineIn(timeoutMs),
      (_, message) => {
        reply = message;
      },
    );
    cancelOn(signal, call);
    call.on("metadata", (metadata: Metadata) => {
      received = toHeaders(metadata);
    });
    call.on("status", (status: StatusObject) => {
      if (status.code !== 0 || !reply) return reject(toError(status));
      const trailer = toHeaders(status.metadata);
      const { parent: service } = method;
      resolve({ stream: false, service, method, header: received, message: reply, trailer });
    });
  });
}

/** Calls of all three kinds of streams as bidirectional ones: on the wire they are alike. */
async function stream<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodStreaming<I, O>,
  { signal, timeoutMs, header }: Options,
  input: AsyncIterable<MessageInitShape<I>>,
): Promise<StreamResponse<I, O>> {
  const call = client.makeBidiStreamRequest(
    methodPath(method),
    (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    (bytes) => fromBinary(method.output, bytes),
    toMetadata(header),
    deadlineIn(timeoutMs),
  );
  cancelOn(signal, call);
  call.on("error", () => {}); // The status, which follows, tells the same.
  const begun = new Promise<Headers>((resolve) => {
    call.once("metadata", (metadata: Metadata) => resolve(toHeaders(metadata)));
  });
  const ended = new Promise<StatusObject>((resolve) => call.once("status", resolve));
  send(call, method.input, input).catch(() => call.cancel());
  const trailer = new Headers();
  return {
    stream: true,
    service: method.parent,
    method,
    header: await Promise.race([begun, ended.then(() => new Headers())]),
    message: received(call, ended, trailer),
    trailer,
  };
}

async function send<I extends DescMessage>(
  call: ClientDuplexStream<MessageShape<I>, unknown>,
  schema: I,
  input: AsyncIterable<MessageInitShape<I>>,
) {
  for await (const message of input) {
    if (!call.write(create(schema, message))) await once(call, "drain");
  }
  call.end();
}

async function* received<T>(
  call: ClientDuplexStream<never, T>,
  ended: Promise<StatusObject>,
  trailer: Headers,
): AsyncGenerator<T> {
  try {
    yield* call as AsyncIterable<T>;
  } catch {
    // The status tells why.
  }
  const status = await ended;
  for (const [name, value] of toHeaders(status.metadata)) trailer.append(name, value);
  if (status.code !== 0) throw toError(status);
}

function deadlineIn(timeoutMs: number | undefined): CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function cancelOn(signal: AbortSignal | undefined, call: { cancel(): void }) {
  if (signal?.aborted) call.cancel();
  else signal?.addEventListener("abort", () => call.cancel(), { once: true });
}

function toError({ code, details, metadata }: StatusObject): ConnectError {
  return new ConnectError(details, Number(code), toHeaders(metadata));
}
