import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import { collectRoutes, type Handler, type Router } from "@plaza/grpc/calls/routes";
import { remoteAddressOf } from "@plaza/grpc/server";
import { type Asked, beginSpan, type Call, endCall } from "../methods/call.ts";
import type { Load } from "../overload/admission-queue.ts";
import { noPlace } from "../overload/slot.ts";
import { admitInto, entryOf, type RpcOptions, routeMethods } from "./rpc-methods.ts";

type Begin = (context: HandlerContext) => Promise<{ call: Call; end(): void }>;

type Options = RpcOptions & { readonly load: Load };

/** The gRPC side of the edge, for a server of @plaza/grpc. */
export function routeGrpc(router: Router, options: Options): void {
  const { load, surface } = options;
  const routes = collectRoutes((inner) => routeMethods(inner, options));
  for (const { method, handle } of routes.values()) {
    const entry = entryOf(method, options);
    const begin: Begin = async (context) => {
      const leave = surface.has(method) ? await load.enter() : noPlace.leave;
      const request = askedIn(context);
      const response = context.responseHeader;
      const setHeader = (name: string, value: string) => response.set(name, value);
      const span = beginSpan(entry, request);
      const ends = [leave, () => endCall(span, "rpc", 200)];
      const onEnd = (then: () => void) => ends.push(then);
      const call = { request, response: { setHeader }, entry, span, onEnd };
      return {
        call,
        end() {
          for (const then of ends) then();
        },
      };
    };
    const implementation = /^(server|bidi)_streaming$/.test(method.methodKind)
      ? answeringMany(handle, begin, options)
      : answeringOne(handle, begin, options);
    router.rpc(method, implementation as MethodImpl<DescMethod>);
  }
}

function answeringOne(handle: Handler, begin: Begin, options: RpcOptions) {
  return async (request: Message, context: HandlerContext) => {
    const { call, end } = await begin(context);
    try {
      await admitInto(context, call, options);
      return await handle(request, context);
    } finally {
      end();
    }
  };
}

function answeringMany(handle: Handler, begin: Begin, options: RpcOptions) {
  return async function* (request: Message, context: HandlerContext) {
    const { call, end } = await begin(context);
    try {
      await admitInto(context, call, options);
      yield* handle(request, context) as AsyncIterable<Message>;
    } finally {
      end();
    }
  };
}

function askedIn(context: HandlerContext): Asked {
  const headers = Object.fromEntries(context.requestHeader);
  return { method: "POST", headers, socket: { remoteAddress: remoteAddressOf(context) } };
}
