import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";

const responsesByCode: Record<string, readonly [status: string, code: Code, message: string]> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    Code.ResourceExhausted,
    "the request headers are too large",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "408 Request Timeout",
    Code.DeadlineExceeded,
    "the request did not arrive in time",
  ],
};

/**
 * Handles `clientError` of the HTTP/1.1 server: writes the response to the socket, since there is no request
 * object, and ends the connection, since further bytes on it cannot be trusted.
 */
export function respondToClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = responsesByCode[error.code ?? ""] ?? [
    "400 Bad Request",
    Code.InvalidArgument,
    "the request is not valid HTTP",
  ];
  const body = JSON.stringify({ code, message });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n` +
      `x-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  );
}
