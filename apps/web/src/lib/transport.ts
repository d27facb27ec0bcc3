import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { accountInterceptor } from "./account-guard.ts";

const transportOptions = { baseUrl: "/", defaultTimeoutMs: 15_000 };

let current: Transport = createConnectTransport({
  ...transportOptions,
  interceptors: [accountInterceptor],
});

/** Calls the services through the gateway; while pages are rendered there, in its process. */
export const transport: Transport = {
  unary: (...call) => current.unary(...call),
  stream: (...call) => current.stream(...call),
};

/** The same without the account guard, for browsers only. */
export const unguardedTransport = createConnectTransport(transportOptions);

/** Replaces the transport of all calls, for a process that renders pages for everybody. */
export function replaceTransport(server: Transport): void {
  current = server;
}
