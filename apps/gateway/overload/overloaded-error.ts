import type { ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { toStatusResponse } from "@plaza/rest/errors";
import { gatewayErrorDomain } from "../base/public-error.ts";

/** What a call is told that is one too many, in the terms of gRPC. */
export const overloadedError: ConnectError = toConnectError(
  new Fault("unavailable", "OVERLOADED", "Plaza has more to do than it can; try again soon", {
    retryAfterMs: 1_000,
  }),
  gatewayErrorDomain,
);

/** The same as the bytes of an answer of HTTP/1.1 under the given headers and its own. */
export function overloadedResponseBytes(commonHeaders: Readonly<Record<string, string>>): Buffer {
  const { status, headers, body } = toStatusResponse(overloadedError);
  const all = [...Object.entries(commonHeaders), ["cache-control", "no-store"], ...headers];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`HTTP/1.1 ${status} Service Unavailable\r\n${lines}${length}\r\n${body}`);
}
