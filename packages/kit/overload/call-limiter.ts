import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext, MethodImpl } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { collectRoutes, type Handler, type Router } from "@plaza/grpc/calls";
import { errorDomainOf, toConnectError } from "../rpc/error-mapping.ts";
import { rejectedCalls } from "../telemetry/metrics.ts";
import { type AdmissionQueue, createAdmissionQueue } from "./admission-queue.ts";
import { overloadedFault } from "./overloaded-fault.ts";

/** Guards a gRPC server against overload. Event logs are read whatever the load: others wait for them. */
export type CallLimiter = {
  /** Registers the methods that `define` registers, each call of which acquires a slot first. */
  limit(router: Router, define: (router: Router) => unknown): void;
  /** The error to end a call with before anything is done for it, if the process is overloaded. */
  reject(method: DescMethod): ConnectError | undefined;
};

/** Creates a limiter for all methods of one server. */
export function createCallLimiter(queue: AdmissionQueue = createAdmissionQueue()): CallLimiter {
  const errors = new Map<string, ConnectError>();
  const overloadedError = (domain: string) =>
    errors.getOrInsertComputed(domain, () => toConnectError(overloadedFault, domain));
  const isLimited = ({ parent }: DescMethod) => parent.typeName !== EventService.typeName;

  return {
    limit(router, define) {
      for (const { method, handle } of collectRoutes(define).values()) {
        const limited = isLimited(method) ? limitHandler(method, handle, queue) : handle;
        router.rpc(method, limited as MethodImpl<DescMethod>);
      }
    },
    reject(method) {
      if (!queue.isOverloaded() || !isLimited(method)) return undefined;
      rejectedCalls.inc();
      return overloadedError(errorDomainOf(method.parent));
    },
  };
}

function limitHandler(method: DescMethod, handle: Handler, queue: AdmissionQueue): Handler {
  const acquire = async (context: HandlerContext) => {
    try {
      return await queue.acquire(context.timeoutMs());
    } catch (error) {
      throw toConnectError(error, errorDomainOf(method.parent));
    }
  };
  if (/^(server|bidi)_streaming$/.test(method.methodKind)) {
    return async function* (request, context) {
      const release = await acquire(context);
      try {
        yield* handle(request, context) as AsyncIterable<Message>;
      } finally {
        release();
      }
    };
  }
  return async (request, context) => {
    const release = await acquire(context);
    try {
      return await handle(request, context);
    } finally {
      release();
    }
  };
}
