import type { Transport } from "@connectrpc/connect";
import type { TranscoderOptions } from "./transcoder-options.ts";

/** The transcoder's `invoke` and `invokeStream` that call methods through a Connect transport. */
export function transportInvoker(
  transport: Transport,
): Required<Pick<TranscoderOptions, "invoke" | "invokeStream">> {
  return {
    async invoke(method, request, { headers, signal, timeoutMs }) {
      const response = await transport.unary(method, signal, timeoutMs, headers, request);
      return { message: response.message, headers: response.header, trailers: response.trailer };
    },
    async invokeStream(method, requests, { headers, signal, timeoutMs }) {
      const response = await transport.stream(method, signal, timeoutMs, headers, requests);
      return { messages: response.message, headers: response.header, trailers: response.trailer };
    },
  };
}
