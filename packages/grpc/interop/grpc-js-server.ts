import { once } from "node:events";
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError, createHandlerContext, type HandlerContext } from "@connectrpc/connect";
import {
  type Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { isClientStreaming, isServerStreaming } from "../calls/method-cardinality.ts";
import type * as messages from "../gen/grpc/testing/messages_pb.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { toHeaders, toMetadata } from "./grpc-js-metadata.ts";
import type { RunningServer } from "./implementation.ts";
import { createInteropHost, type InteropHost } from "./interop-service.ts";

/** Serves the cases with grpc-js. */
export async function serveGrpcJs(): Promise<RunningServer> {
  const host = createInteropHost({ checksCompression: false });
  const handlers = handlersOf(host);
  const methods = TestService.methods.filter(({ localName }) => localName in handlers);
  const server = new Server();
  server.addService(
    Object.fromEntries(methods.map((method) => [method.localName, definitionOf(method)])),
    handlers,
  );
  const { promise: port, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
    if (error) reject(error);
    else resolve(bound);
  });
  return {
    port: await port,
    traits: { compressesPerMessage: false, checksCompression: false },
    runningCalls: host.runningCalls,
    close: async () => server.forceShutdown(),
  };
}

function definitionOf(method: DescMethod): MethodDefinition<Message, Message> {
  const { input, output } = method;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: isClientStreaming(method),
    responseStream: isServerStreaming(method),
    requestSerialize: (message) => Buffer.from(toBinary(input, message)),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(output, message)),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

function handlersOf({ routes }: InteropHost): UntypedServiceImplementation {
  const { method } = TestService;
  return {
    emptyCall: answerOnce(
      method.emptyCall,
      (call: ServerUnaryCall<messages.Empty, messages.Empty>, context) =>
        routes.emptyCall(call.request, context),
    ),
    unaryCall: answerOnce(
      method.unaryCall,
      (call: ServerUnaryCall<messages.SimpleRequest, messages.SimpleResponse>, context) =>
        routes.unaryCall(call.request, context),
    ),
    streamingInputCall: answerOnce(method.streamingInputCall, (call: InputStream, context) =>
      routes.streamingInputCall(call, context),
    ),
    streamingOutputCall: answerEach(method.streamingOutputCall, (call: OutputStream, context) =>
      routes.streamingOutputCall(call.request, context),
    ),
    fullDuplexCall: answerEach(method.fullDuplexCall, (call: Duplex, context) =>
      routes.fullDuplexCall(requestsOf(call), context),
    ),
  };
}

type InputStream = ServerReadableStream<
  messages.StreamingInputCallRequest,
  messages.StreamingInputCallResponse
>;
type OutputStream = ServerWritableStream<
  messages.StreamingOutputCallRequest,
  messages.StreamingOutputCallResponse
>;
type Duplex = ServerDuplexStream<
  messages.StreamingOutputCallRequest,
  messages.StreamingOutputCallResponse
>;
type Call = Pick<
  ServerUnaryCall<unknown, unknown>,
  "metadata" | "sendMetadata" | "getPath" | "getDeadline"
> & {
  on(event: "cancelled", listener: () => void): unknown;
};
type Answering<T> = Call &
  NodeJS.EventEmitter & { write(message: T): boolean; end(trailer: Metadata): unknown };
type Method<O extends DescMessage> = DescMethod & { readonly output: O };

/** A handler for a method that is answered with one message. */
function answerOnce<O extends DescMessage, C extends Call>(
  method: Method<O>,
  answer: (call: C, context: HandlerContext) => MessageInitShape<O> | Promise<MessageInitShape<O>>,
) {
  return (call: C, callback: sendUnaryData<MessageShape<O>>) => {
    const context = contextOf(call, method);
    const work = async () => answer(call, context);
    work().then(
      (reply) => {
        call.sendMetadata(toMetadata(context.responseHeader));
        callback(null, create(method.output, reply), toMetadata(context.responseTrailer));
      },
      (reason: unknown) => callback(toStatus(reason)),
    );
  };
}

/** A handler for a method that is answered with a stream. */
function answerEach<O extends DescMessage, C extends Answering<MessageShape<O>>>(
  method: Method<O>,
  answer: (call: C, context: HandlerContext) => AsyncIterable<MessageInitShape<O>>,
) {
  return async (call: C) => {
    const context = contextOf(call, method);
    let begun = false;
    try {
      for await (const reply of answer(call, context)) {
        if (!begun) call.sendMetadata(toMetadata(context.responseHeader));
        begun = true;
        if (call.write(create(method.output, reply))) continue;
        await once(call, "drain", { signal: context.signal });
      }
      call.end(toMetadata(context.responseTrailer));
    } catch (reason) {
      call.emit("error", toStatus(reason));
    }
  };
}

/** Not the call itself, which would be closed for replies too when its last request is read. */
function requestsOf<I>(call: ServerDuplexStream<I, unknown>): AsyncIterable<I> {
  return call.iterator({ destroyOnReturn: false });
}

function contextOf(call: Call, method: DescMethod): HandlerContext {
  const given = new AbortController();
  call.on("cancelled", () => given.abort(new ConnectError("the call ended", Code.Canceled)));
  const deadline = Number(call.getDeadline());
  return createHandlerContext({
    ...(Number.isFinite(deadline) && { timeoutMs: deadline - Date.now() }),
    service: method.parent,
    method,
    protocolName: "grpc",
    requestMethod: "POST",
    url: call.getPath(),
    requestSignal: given.signal,
    requestHeader: toHeaders(call.metadata),
  });
}

function toStatus(reason: unknown) {
  const { code, rawMessage } = ConnectError.from(reason);
  return Object.assign(new Error(rawMessage), { code: Number(code), details: rawMessage });
}
