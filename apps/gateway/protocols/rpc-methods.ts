import type { DescMethod, DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextKey,
  type HandlerContext,
  type MethodImpl,
} from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { collectRoutes, type Handler, type Router } from "@plaza/grpc/calls";
import type { Logger } from "@plaza/kit/telemetry/log";
import type { Admission, AdmittedCall } from "../admission/admission.ts";
import { applicationHeaders } from "../base/application-headers.ts";
import { maxStreamDurationMs } from "../base/limits.ts";
import { toPublicError } from "../base/public-error.ts";
import type { UpstreamCallOptions, UpstreamClient } from "../forwarding/upstream-client.ts";
import { mergeSetCookies } from "../http/cookies.ts";
import { type IncomingCall, traceIdOf } from "../methods/call.ts";
import type { ExposedMethod } from "../methods/exposed-methods.ts";
import { callStageKey } from "./decode-errors.ts";
import { withStreamTimeout } from "./stream-timeout.ts";

/** What the RPC protocols take. */
export type RpcOptions = {
  readonly exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>;
  readonly admit: Admission;
  readonly upstream: UpstreamClient;
  /** Registers the gateway's own services, such as health, which are open to all. */
  readonly registerOwnServices: (router: Router) => void;
  readonly log: Logger;
};

const admittedCallKey = createContextKey<AdmittedCall | undefined>(undefined);

/** Registers all exposed methods and the gateway's own; `admitCall` must run before each handler. */
export function registerMethods(router: Router, options: RpcOptions): void {
  for (const { method } of options.exposedMethods.values()) {
    router.rpc(method, implementationOf(method, options) as MethodImpl<DescMethod>);
  }
  for (const { method, handle } of collectRoutes(options.registerOwnServices).values()) {
    router.rpc(method, ownMethodImplementation(method, handle) as MethodImpl<DescMethod>);
  }
}

/** Admits a call by its headers, and keeps that for the handler. Throws errors that are safe for clients. */
export async function admitCall(
  context: HandlerContext,
  call: IncomingCall,
  { admit, log }: RpcOptions,
): Promise<void> {
  call.response.setHeader("trace-id", traceIdOf(call));
  try {
    context.values.set(admittedCallKey, await admit(call));
  } catch (error) {
    throw toPublicError(error, log);
  }
}

function implementationOf(method: DescMethod, options: RpcOptions): unknown {
  switch (method.methodKind) {
    case "unary":
      return unaryImplementation(method as DescMethodUnary, options);
    case "server_streaming": {
      const stream = streamingImplementation(method as DescMethodStreaming, options);
      return (request: Message, context: HandlerContext) =>
        stream(createAsyncIterable([request]), context);
    }
    case "client_streaming": {
      const stream = streamingImplementation(method as DescMethodStreaming, options);
      return (requests: AsyncIterable<Message>, context: HandlerContext) =>
        expectSingleMessage(stream(requests, context));
    }
    case "bidi_streaming":
      return streamingImplementation(method as DescMethodStreaming, options);
  }
}

/** Bounds the duration of the gateway's own streams, as the upstream client does for the others. */
function ownMethodImplementation({ methodKind }: DescMethod, handle: Handler): Handler {
  if (methodKind === "unary" || methodKind === "client_streaming") return handle;
  return (request, context) =>
    withStreamTimeout(maxStreamDurationMs, handle(request, context) as AsyncIterable<Message>);
}

function unaryImplementation(method: DescMethodUnary, options: RpcOptions) {
  return async (request: Message, context: HandlerContext) => {
    context.values.set(callStageKey, "decoded");
    const callOptions = await upstreamCallOptions(context, options);
    const response = await options.upstream.unary(method, request, callOptions);
    copyApplicationHeaders(response.headers, context.responseHeader);
    copyApplicationHeaders(response.trailers, context.responseTrailer);
    return response.message;
  };
}

function streamingImplementation(method: DescMethodStreaming, options: RpcOptions) {
  return async function* (requests: AsyncIterable<Message>, context: HandlerContext) {
    context.values.set(callStageKey, "decoded");
    const callOptions = await upstreamCallOptions(context, options);
    const refusing = new AbortController();
    const { signal: refused } = refusing;
    const signal = AbortSignal.any([context.signal, refused]);
    const admitted = admitEach(requests, context, options, refusing);
    try {
      const response = await options.upstream.stream(method, admitted, { ...callOptions, signal });
      copyApplicationHeaders(response.headers, context.responseHeader);
      yield* withoutHeaders(response.headers, response.messages);
      copyApplicationHeaders(response.trailers, context.responseTrailer);
    } catch (error) {
      throw refused.aborted ? refused.reason : error;
    }
  };
}

async function expectSingleMessage(messages: AsyncIterable<Message>): Promise<Message> {
  const [message, ...more] = await Array.fromAsync(messages);
  if (message && more.length === 0) return message;
  throw new ConnectError("the service did not answer with one message", Code.Internal);
}

/** Runs when the first message is there, which may be long after the headers. */
async function upstreamCallOptions(
  { values, signal, timeoutMs }: HandlerContext,
  { log }: RpcOptions,
): Promise<UpstreamCallOptions> {
  try {
    const headers = (await values.get(admittedCallKey)?.upstreamHeaders()) ?? {};
    return { headers, signal, timeoutMs: timeoutMs() };
  } catch (error) {
    throw toPublicError(error, log);
  }
}

/** Aborts the upstream call at a message that is refused, before a transport could take the others for all. */
async function* admitEach(
  messages: AsyncIterable<Message>,
  { values }: HandlerContext,
  { log }: RpcOptions,
  refusing: AbortController,
): AsyncGenerator<Message> {
  for await (const message of messages) {
    try {
      await values.get(admittedCallKey)?.admitMessage();
    } catch (error) {
      refusing.abort(toPublicError(error, log));
      throw refusing.signal.reason;
    }
    yield message;
  }
}

/** Transports put the headers of a stream into the metadata of its error too, which becomes its trailers. */
async function* withoutHeaders(
  headers: Headers,
  messages: AsyncIterable<Message>,
): AsyncGenerator<Message> {
  try {
    yield* messages;
  } catch (error) {
    if (error instanceof ConnectError) {
      for (const [name, value] of headers) {
        if (error.metadata.get(name) === value) error.metadata.delete(name);
      }
    }
    throw error;
  }
}

function copyApplicationHeaders(from: Headers, to: Headers): void {
  applicationHeaders(from).forEach((value, name) => {
    if (name !== "set-cookie") to.append(name, value);
  });
  if (!from.has("set-cookie")) return;
  const cookies = mergeSetCookies(to.getSetCookie(), from.getSetCookie());
  to.delete("set-cookie");
  for (const cookie of cookies) to.append("set-cookie", cookie);
}
