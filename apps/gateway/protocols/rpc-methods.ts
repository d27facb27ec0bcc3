import type { DescMethod, DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextKey,
  type HandlerContext,
  type MethodImpl,
} from "@connectrpc/connect";
import { collectRoutes, type Handler, type Router } from "@plaza/grpc/calls/routes";
import type { Logger } from "@plaza/kit/telemetry/log";
import type { Admit } from "../admission/admission.ts";
import { maxStreamMs } from "../base/limits.ts";
import { refusalFor } from "../base/public-error.ts";
import type { Forward, Onward } from "../forwarding/upstream-client.ts";
import { mergeCookies } from "../http/cookies.ts";
import { type Call, type Entry, traceIdOf } from "../methods/call.ts";
import type { Reachable } from "../methods/exposed-methods.ts";
import { stageKey } from "./decode-errors.ts";
import { atMost } from "./stream-timeout.ts";

/** What serving RPCs takes, whatever their protocol. */
export type RpcOptions = {
  readonly surface: ReadonlyMap<DescMethod, Reachable>;
  readonly admit: Admit;
  readonly forward: Forward;
  /** Puts the edge's own services, such as health, beside the others. They are open to all. */
  readonly own: (router: Router) => void;
  readonly log: Logger;
};

const headersKey = createContextKey<HeadersInit>({});

/** Puts everything that people outside may call on a router; `admitInto` must run before each call. */
export function routeMethods(router: Router, options: RpcOptions): void {
  for (const { method } of options.surface.values()) {
    router.rpc(method, implementationOf(method, options) as MethodImpl<DescMethod>);
  }
  for (const { method, handle } of collectRoutes(options.own).values()) {
    router.rpc(method, ownImplementation(method, handle) as MethodImpl<DescMethod>);
  }
}

/** What is asked of the callers of a method. */
export function entryOf(method: DescMethod, { surface }: RpcOptions): Entry {
  const name = `${method.parent.typeName}/${method.name}`;
  const own = { isPublic: true, signsIn: false, isStream: method.methodKind !== "unary" };
  return surface.get(method) ?? { name, ...own, quotas: undefined, carried: undefined };
}

/** Lets a call in, or throws what its caller is to be told. */
export async function admitInto(
  context: HandlerContext,
  call: Call,
  { admit, log }: RpcOptions,
): Promise<void> {
  call.response.setHeader("trace-id", traceIdOf(call));
  try {
    context.values.set(headersKey, await admit(call));
  } catch (error) {
    throw refusalFor(error, log);
  }
}

function implementationOf(method: DescMethod, options: RpcOptions): unknown {
  switch (method.methodKind) {
    case "unary":
      return unary(method as DescMethodUnary, options);
    case "server_streaming": {
      const stream = streaming(method as DescMethodStreaming, options);
      return (request: Message, context: HandlerContext) => stream(only(request), context);
    }
    case "client_streaming": {
      const stream = streaming(method as DescMethodStreaming, options);
      return (requests: AsyncIterable<Message>, context: HandlerContext) =>
        onlyOf(stream(requests, context));
    }
    case "bidi_streaming":
      return streaming(method as DescMethodStreaming, options);
  }
}

/** The streams of the edge itself last as long as others may. */
function ownImplementation({ methodKind }: DescMethod, handle: Handler): Handler {
  if (methodKind === "unary" || methodKind === "client_streaming") return handle;
  return (request, context) =>
    atMost(maxStreamMs, handle(request, context) as AsyncIterable<Message>);
}

function unary(method: DescMethodUnary, { forward, log }: RpcOptions) {
  return async (request: Message, context: HandlerContext) => {
    context.values.set(stageKey, "read");
    try {
      const reply = await forward.unary(method, request, onwardOf(context));
      copyOwn(reply.headers, context.responseHeader);
      copyOwn(reply.trailers, context.responseTrailer);
      return reply.message;
    } catch (error) {
      throw refusalFor(error, log);
    }
  };
}

function streaming(method: DescMethodStreaming, { forward, log }: RpcOptions) {
  return async function* (requests: AsyncIterable<Message>, context: HandlerContext) {
    context.values.set(stageKey, "read");
    try {
      const reply = await forward.stream(method, requests, onwardOf(context));
      copyOwn(reply.headers, context.responseHeader);
      yield* reply.messages;
      copyOwn(reply.trailers, context.responseTrailer);
    } catch (error) {
      throw refusalFor(error, log);
    }
  };
}

async function* only(request: Message): AsyncIterable<Message> {
  yield request;
}

async function onlyOf(messages: AsyncIterable<Message>): Promise<Message> {
  const [message, ...more] = await Array.fromAsync(messages);
  if (message && more.length === 0) return message;
  throw new ConnectError("the service did not answer with one message", Code.Internal);
}

function onwardOf({ values, signal, timeoutMs }: HandlerContext): Onward {
  return { headers: values.get(headersKey), signal, timeoutMs: timeoutMs() };
}

function copyOwn(from: Headers, to: Headers): void {
  from.forEach((value, name) => {
    if (name !== "set-cookie" && ofApplication(name)) to.append(name, value);
  });
  if (!from.has("set-cookie")) return;
  const cookies = mergeCookies(to.getSetCookie(), from.getSetCookie());
  to.delete("set-cookie");
  for (const one of cookies) to.append("set-cookie", one);
}

/** The protocol between us and the service is not the one between us and the client. */
function ofApplication(name: string): boolean {
  return !/^(grpc-|connect-|content-|accept-encoding$|transfer-encoding$|connection$|date$)/.test(
    name,
  );
}
