import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { accountInterceptor } from "./account-interceptor.ts";
import { sitePath } from "./site-path.ts";
import { toCallError } from "./to-call-error.ts";

const transportOptions = { baseUrl: sitePath("/"), defaultTimeoutMs: 15_000 };

let current: Transport = createConnectTransport({
  ...transportOptions,
  interceptors: [accountInterceptor],
});

/** Calls the services through the gateway; while pages are rendered there, in its process. */
export const transport = throwCallErrors(() => current);

const unguarded = createConnectTransport(transportOptions);
/** The same without the account guard, for browsers only. */
export const unguardedTransport = throwCallErrors(() => unguarded);

/** Replaces the transport of all calls, for a process that renders pages for everybody. */
export function replaceTransport(server: Transport): void {
  current = server;
}

/** A transport whose calls fail with a CallError. */
export function throwCallErrors(inner: () => Transport): Transport {
  return {
    unary: (...call) =>
      inner()
        .unary(...call)
        .catch((error: unknown) => {
          throw toCallError(error);
        }),
    async stream(...call) {
      try {
        const response = await inner().stream(...call);
        return { ...response, message: throwStreamCallErrors(response.message) };
      } catch (error) {
        throw toCallError(error);
      }
    },
  };
}

async function* throwStreamCallErrors<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw toCallError(error);
  }
}
