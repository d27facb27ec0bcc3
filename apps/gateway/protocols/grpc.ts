import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import { collectRoutes, type Handler, type Router } from "@plaza/grpc/calls";
import { remoteAddressOf } from "@plaza/grpc/server";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import type { RequestHead } from "../http/request-head.ts";
import { endCall, type IncomingCall, startCallSpan } from "../methods/call.ts";
import { methodAccess } from "../methods/exposed-methods.ts";
import { unlimitedSlot } from "../overload/slot.ts";
import { admitCall, type RpcOptions, registerMethods } from "./rpc-methods.ts";

type BeginCall = (context: HandlerContext) => Promise<{ call: IncomingCall; end(): void }>;

type GrpcOptions = RpcOptions & { readonly admissionQueue: AdmissionQueue };

/** Registers all methods, with admission in front of each, on a router of @plaza/grpc. */
export function registerGrpcMethods(router: Router, options: GrpcOptions): void {
  const { admissionQueue, exposedMethods } = options;
  const routes = collectRoutes((inner) => registerMethods(inner, options));
  for (const { method, handle } of routes.values()) {
    const access = methodAccess(method, exposedMethods);
    const begin: BeginCall = async (context) => {
      const releaseSlot = exposedMethods.has(method)
        ? await admissionQueue.acquire()
        : unlimitedSlot.release;
      const request = requestHeadOf(context);
      const response = context.responseHeader;
      const setHeader = (name: string, value: string) => response.set(name, value);
      const span = startCallSpan(access, request);
      const endCallbacks = [releaseSlot, () => endCall(span, "rpc", 200)];
      const onEnd = (callback: () => void) => endCallbacks.push(callback);
      const call = { request, response: { setHeader }, access, span, onEnd };
      return {
        call,
        end() {
          for (const callback of endCallbacks) callback();
        },
      };
    };
    const implementation = /^(server|bidi)_streaming$/.test(method.methodKind)
      ? withStreamAdmission(handle, begin, options)
      : withAdmission(handle, begin, options);
    router.rpc(method, implementation as MethodImpl<DescMethod>);
  }
}

function withAdmission(handle: Handler, begin: BeginCall, options: RpcOptions) {
  return async (request: Message, context: HandlerContext) => {
    const { call, end } = await begin(context);
    try {
      await admitCall(context, call, options);
      return await handle(request, context);
    } finally {
      end();
    }
  };
}

function withStreamAdmission(handle: Handler, begin: BeginCall, options: RpcOptions) {
  return async function* (request: Message, context: HandlerContext) {
    const { call, end } = await begin(context);
    try {
      await admitCall(context, call, options);
      yield* handle(request, context) as AsyncIterable<Message>;
    } finally {
      end();
    }
  };
}

function requestHeadOf(context: HandlerContext): RequestHead {
  const headers = Object.fromEntries(context.requestHeader);
  return { method: "POST", headers, socket: { remoteAddress: remoteAddressOf(context) } };
}
