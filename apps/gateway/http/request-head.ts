import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Method, headers and peer of a request: those of a gRPC call have the same shape as HTTP/1.1's. */
export type RequestHead = Pick<IncomingMessage, "method" | "headers"> & {
  readonly socket: Pick<Socket, "remoteAddress">;
};
