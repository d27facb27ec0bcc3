import type {
  DescMessage,
  DescMethod,
  DescService,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import type { HandlerContext, MethodImpl, ServiceImpl } from "@connectrpc/connect";

/** A method and the code that serves it, whatever its kind. */
export type Route = {
  readonly method: DescMethod;
  readonly handle: Handler;
};

/** An implementation, without the types of its messages. */
export type Handler = (
  request: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => unknown;

/** An answer to one request, or one of many. */
export type ResponseMessageInit = MessageInitShape<DescMessage>;

/** What leads where, by path. */
export type Routes = ReadonlyMap<string, Route>;

/** Takes implementations of services; Connect's router has the same shape. */
export type Router = {
  /** Serves a whole service. Methods without an implementation are UNIMPLEMENTED. */
  service<T extends DescService>(service: T, implementation: Partial<ServiceImpl<T>>): Router;
  /** Serves one method. */
  rpc<M extends DescMethod>(method: M, implementation: MethodImpl<M>): Router;
};

/** Collects what `define` serves. */
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

/** The path of a method: `/package.Service/Method`. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
