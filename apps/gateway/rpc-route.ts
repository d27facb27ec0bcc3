import type { IncomingMessage } from "node:http";
import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type MethodImpl,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { Fault } from "@plaza/kit/fault";
import type { Logger } from "@plaza/kit/log";
import type { Admit } from "./admit.ts";
import { type Call, type Entry, traceIdOf } from "./call.ts";
import type { Forward, Onward, Reply } from "./forward.ts";
import { maxBodyBytes, maxStreamMs } from "./limits.ts";
import { refusalFor } from "./refusal.ts";
import type { Reachable } from "./surface.ts";
import { requireReadable, runHandler, stageKey } from "./unreadable.ts";

/** What serving RPCs takes. */
export type RpcRouteOptions = {
  readonly surface: ReadonlyMap<DescMethod, Reachable>;
  readonly admit: Admit;
  readonly forward: Forward;
  /** Puts the edge's own services, such as health, beside the others. They are open to all. */
  readonly own: (router: ConnectRouter) => void;
  /** Headers of every answer. */
  readonly common: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** A method as it is served: what is asked of its callers, and its handler. */
export type RpcTarget = { readonly entry: Entry; readonly handler: UniversalHandler };

/** The RPC side of the edge: Connect, gRPC-Web and gRPC on the paths `/package.Service/Method`. */
export type RpcRoute = {
  find(path: string): RpcTarget | undefined;
  serve(call: Call, target: RpcTarget): Promise<void>;
};

const callKey = createContextKey<Call | undefined>(undefined);
const headersKey = createContextKey<HeadersInit>({});

export function createRpcRoute(options: RpcRouteOptions): RpcRoute {
  const { surface, common } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
    writeMaxBytes: 16 * maxBodyBytes,
    maxTimeoutMs: maxStreamMs,
    requestGate: (context) => admitInto(context, options),
  });
  for (const { method } of surface.values()) {
    router.rpc(method, implementationOf(method, options) as MethodImpl<DescMethod>);
  }
  options.own(router);
  const targets = new Map<string, RpcTarget>();
  for (const handler of router.handlers) {
    const name = handler.requestPath.slice(1);
    const entry = surface.get(handler.method) ?? { name, isPublic: true, signsIn: false };
    targets.set(handler.requestPath, { entry, handler });
  }

  return {
    find: (path) => targets.get(path),
    async serve(call, { handler }) {
      const { request, response } = call;
      requireHost(request);
      const headers = { ...common, "cache-control": "no-store", "trace-id": traceIdOf(call) };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      const values = createContextValues().set(callKey, call);
      const asked = universalRequestFromNodeRequest(request, response, undefined, values);
      const answer = surface.has(handler.method)
        ? await runHandler(handler, asked, values)
        : await handler(asked);
      await universalResponseToNodeResponse(answer, response);
    },
  };
}

/** Connect makes a URL of the request, which fails on a host that is none. */
function requireHost({ headers }: IncomingMessage): void {
  if (URL.canParse(`http://${headers.host ?? headers[":authority"]}`)) return;
  throw new Fault("invalid", "INVALID_HOST", "the host is not one");
}

/** Runs before a message is read, and once the protocol is known in which a refusal is to be told. */
async function admitInto(context: HandlerContext, { admit, log }: RpcRouteOptions): Promise<void> {
  const call = context.values.get(callKey);
  if (!call) throw new Error("a call that did not come through the edge");
  try {
    requireReadable(context.values);
    context.values.set(headersKey, await admit(call));
    context.values.set(stageKey, "admitted");
  } catch (error) {
    throw refusalFor(error, log);
  }
}

function implementationOf(method: DescMethod, options: RpcRouteOptions): unknown {
  switch (method.methodKind) {
    case "unary":
      return unary(method as DescMethodUnary, options);
    case "server_streaming":
      return serverStreaming(method as DescMethodServerStreaming, options);
    default:
      throw new Error(`${method.name}: client streams are not served yet`);
  }
}

function unary(method: DescMethodUnary, { forward, log }: RpcRouteOptions) {
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

function serverStreaming(method: DescMethodServerStreaming, { forward, log }: RpcRouteOptions) {
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
