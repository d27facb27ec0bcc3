import type {
  DescMessage,
  DescMethod,
  DescService,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl, ServiceImpl } from "@connectrpc/connect";
import { methodPath } from "./method-path.ts";

/** A method and its implementation. */
export type Route = {
  readonly method: DescMethod;
  readonly handle: Handler;
};

/** The implementation of a method of any kind, without the types of its messages. */
export type Handler = (
  request: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => unknown;

/** A response message, or the fields of one. */
export type ResponseMessageInit = MessageInitShape<DescMessage>;

/** The routes by path. */
export type Routes = ReadonlyMap<string, Route>;

/** Registers implementations of services, with the shape of Connect's router. */
export type Router = {
  /** Registers a service. Methods without an implementation are UNIMPLEMENTED. */
  service<T extends DescService>(service: T, implementation: Partial<ServiceImpl<T>>): Router;
  /** Registers one method. */
  rpc<M extends DescMethod>(method: M, implementation: MethodImpl<M>): Router;
};

/** Collects the implementations that `define` registers. */
export function collectRoutes(define: (router: Router) => unknown): Routes {
  const routes = new Map<string, Route>();
  const router: Router = {
    service(service, implementation) {
      for (const method of service.methods) {
        const handle = (implementation as Record<string, Handler | undefined>)[method.localName];
        if (handle) routes.set(methodPath(method), { method, handle: handle.bind(implementation) });
      }
      return router;
    },
    rpc(method, implementation) {
      routes.set(methodPath(method), { method, handle: implementation as unknown as Handler });
      return router;
    },
  };
  define(router);
  return routes;
}
