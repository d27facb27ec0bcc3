import { create, type DescMethod, type DescMethodUnary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { methodName } from "@plaza/kit/rpc/method-name";
import type { UpstreamClient } from "./upstream-client.ts";

/**
 * A transport for unary calls that the gateway makes for everybody: without a caller, it gets nothing that only one
 * may see. Finds methods by name, since the renderer of pages brings contracts of its own.
 */
export function createAnonymousTransport(
  methods: Iterable<DescMethod>,
  upstream: UpstreamClient,
): Transport {
  const methodByName = new Map(Array.from(methods, (method) => [methodName(method), method]));
  return {
    async unary(method, signal = new AbortController().signal, timeoutMs, _headers, input) {
      const exposed = methodByName.get(methodName(method)) as DescMethodUnary | undefined;
      if (!exposed) throw new Error(`${methodName(method)} is not exposed`);
      const request = create(exposed.input, input);
      const options = { headers: {}, signal, timeoutMs };
      const { message, headers, trailers } = await upstream.unary(exposed, request, options);
      return {
        stream: false,
        service: method.parent,
        method,
        header: headers,
        trailer: trailers,
        message: message as never,
      };
    },
    stream: () => Promise.reject(new Error("an anonymous transport makes unary calls only")),
  };
}
