import type { ConnectError } from "@connectrpc/connect";
import { overloadedFault } from "@plaza/kit/overload/overloaded-fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { toStatusResponse } from "@plaza/rest/errors";
import { gatewayErrorDomain } from "../base/public-error.ts";

/** The error of a call that is rejected because the process is overloaded. */
export const overloadedError: ConnectError = toConnectError(overloadedFault, gatewayErrorDomain);

/** The bytes of an HTTP/1.1 response with that error, the common headers and its own. */
export function overloadedResponseBytes(commonHeaders: Readonly<Record<string, string>>): Buffer {
  const { status, headers, body } = toStatusResponse(overloadedError);
  const allHeaders = [...Object.entries(commonHeaders), ["cache-control", "no-store"], ...headers];
  const lines = allHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`HTTP/1.1 ${status} Service Unavailable\r\n${lines}${length}\r\n${body}`);
}
