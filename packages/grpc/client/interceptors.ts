import { createContextValues, type Interceptor, type Transport } from "@connectrpc/connect";
import { createMethodUrl, runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";

/** The transport with Connect's interceptors around every call, the first of them outermost. */
export function withInterceptors(
  transport: Transport,
  address: string,
  interceptors: Interceptor[],
): Transport {
  return {
    unary(method, signal, timeoutMs, header, message, contextValues = createContextValues()) {
      const url = createMethodUrl(address, method);
      const { parent: service } = method;
      const parts = { stream: false, service, method, requestMethod: "POST", url } as const;
      return runUnaryCall({
        interceptors,
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        req: { ...parts, header: new Headers(header), contextValues, message },
        async next(request) {
          const { signal, header, message } = request;
          const response = await transport.unary(
            method,
            signal,
            timeoutMs,
            header,
            message as never,
          );
          // Own properties, for interceptors that return a changed copy.
          return {
            ...parts,
            header: response.header,
            trailer: response.trailer,
            message: response.message,
          };
        },
      });
    },

    stream(method, signal, timeoutMs, header, message, contextValues = createContextValues()) {
      const url = createMethodUrl(address, method);
      const { parent: service } = method;
      const parts = { stream: true, service, method, requestMethod: "POST", url } as const;
      return runStreamingCall({
        interceptors,
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        req: { ...parts, header: new Headers(header), contextValues, message },
        next: ({ signal, header, message }) =>
          transport.stream(method, signal, timeoutMs, header, message as never),
      });
    },
  };
}
