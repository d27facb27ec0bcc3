import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { createContextKey, type HandlerContext, type MethodImpl } from "@connectrpc/connect";
import type { Router } from "@plaza/grpc/routes";
import type { Logger } from "@plaza/kit/log";
import type { Admit } from "./admit.ts";
import { type Call, type Entry, traceIdOf } from "./call.ts";
import type { Forward, Onward, Reply } from "./forward.ts";
import { refusalFor } from "./refusal.ts";
import type { Reachable } from "./surface.ts";
import { stageKey } from "./unreadable.ts";

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
  options.own(router);
}

/** What is asked of the callers of a method. */
export function entryOf(method: DescMethod, { surface }: RpcOptions): Entry {
  const name = `${method.parent.typeName}/${method.name}`;
  return surface.get(method) ?? { name, isPublic: true, signsIn: false, carried: undefined };
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
    case "server_streaming":
      return serverStreaming(method as DescMethodServerStreaming, options);
    default:
      throw new Error(`${method.name}: client streams are not served yet`);
  }
}

function unary(method: DescMethodUnary, { forward, log }: RpcOptions) {
  return async (request: Message, context: HandlerContext) => {
    context.values.set(stageKey, "read");
    try {
      const reply = await forward.unary(method, request, onwardOf(context));
      copyHeaders(reply, context);
      return reply.message;
    } catch (error) {
      throw refusalFor(error, log);
    }
  };
}

function serverStreaming(method: DescMethodServerStreaming, { forward, log }: RpcOptions) {
  return async function* (request: Message, context: HandlerContext) {
    context.values.set(stageKey, "read");
    try {
      yield* await forward.stream(method, request, onwardOf(context));
    } catch (error) {
      throw refusalFor(error, log);
    }
  };
}

function onwardOf({ values, signal, timeoutMs }: HandlerContext): Onward {
  return { headers: values.get(headersKey), signal, timeoutMs: timeoutMs() };
}

function copyHeaders({ headers, trailers }: Reply, context: HandlerContext): void {
  headers.forEach((value, name) => {
    if (ofApplication(name)) context.responseHeader.append(name, value);
  });
  trailers.forEach((value, name) => {
    if (ofApplication(name)) context.responseTrailer.append(name, value);
  });
}

/** The protocol between us and the service is not the one between us and the client. */
function ofApplication(name: string): boolean {
  return !/^(grpc-|connect-|content-|accept-encoding$|transfer-encoding$|connection$|date$)/.test(
    name,
  );
}
