import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createGrpcServer, type ServerOptions } from "@plaza/grpc/server";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import {
  grpcLimits,
  http1Limits,
  idleTimeoutMs,
  maxPendingConnections,
  protocolDetectionTimeoutMs,
  shutdownGraceMs,
} from "./base/limits.ts";
import { respondToClientError } from "./http/client-error.ts";
import { discardRest, isTooMuchToDiscard } from "./http/discard-rest.ts";
import type { HttpHandler } from "./http/http-message.ts";
import { serveHttp2Stream } from "./http/http2-exchange.ts";
import { createLoadShedder, type LoadShedderOptions } from "./overload/load-shedder.ts";

/** A port that serves HTTP/1.1 and HTTP/2. */
export type PortListener = {
  /** Returns the port; 0 takes any free one. Throws an OperatorError when it cannot listen. */
  listen(port: number, host: string): Promise<number>;
  /** Accepts no new connections, waits ten seconds for requests in flight, and cuts the rest. */
  close(): Promise<void>;
};

type WriteHeadHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** The first bytes of an HTTP/2 connection with prior knowledge (RFC 9113, section 3.4). */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** What serves gRPC. */
export type GrpcHandlers = {
  readonly routes: ServerOptions["routes"];
  readonly decodeError: NonNullable<ServerOptions["decodeError"]>;
  readonly reject: NonNullable<ServerOptions["reject"]>;
};

/**
 * Creates one port for both versions of HTTP. The HTTP/1.1 server listens, and hands a connection that begins
 * with the HTTP/2 preface to the server of @plaza/grpc, which serves gRPC and passes everything else to `handle`.
 */
export function createPortListener(
  handle: HttpHandler,
  grpc: GrpcHandlers,
  shedderOptions: LoadShedderOptions | undefined,
  detectionTimeoutMs = protocolDetectionTimeoutMs,
): PortListener {
  let isClosing = false;
  /**
   * A response that leaves its connection fit for the next request, or closes it (RFC 9112, section 9.3): after close()
   * has begun, and when more of the request is to come than is worth reading.
   */
  class PersistentResponse extends ServerResponse {
    override writeHead(
      status: number,
      reason?: string | WriteHeadHeaders,
      headers?: WriteHeadHeaders,
    ): this {
      if (isClosing || isTooMuchToDiscard(this.req)) this.setHeader("connection", "close");
      if (typeof reason === "string") return super.writeHead(status, reason, headers);
      return super.writeHead(status, reason);
    }
  }
  const http1 = createServer(
    { ...http1Limits(detectionTimeoutMs), ServerResponse: PersistentResponse },
    (request: IncomingMessage, response: ServerResponse) => {
      response.once("finish", () => discardRest(request));
      handle(request, response);
    },
  );
  const loadShedder = shedderOptions && createLoadShedder(shedderOptions);
  const listeners = http1.listeners("connection") as ((connection: Duplex) => void)[];
  const serveHttp1 = (connection: Duplex) => {
    for (const serve of listeners) serve.call(http1, connection);
  };
  const http2 = createGrpcServer({
    ...grpc,
    ...grpcLimits,
    fallback: (stream, fields, isEnd) => serveHttp2Stream(stream, fields, isEnd, handle),
  });
  const undetected = new Set<Socket>();

  http1.timeout = idleTimeoutMs;
  if (loadShedder) http1.on("request", loadShedder.onRequest);
  http1.on("clientError", respondToClientError);
  http1.removeAllListeners("connection");
  http1.on("connection", (socket) => {
    undetected.add(socket);
    detectProtocol(socket, detectionTimeoutMs, (isHttp2) => {
      undetected.delete(socket);
      if (isHttp2) http2.accept(socket);
      else {
        serveHttp1(socket);
        loadShedder?.onConnection(socket);
      }
      socket.resume();
    });
    socket.once("close", () => undetected.delete(socket));
  });

  return {
    async listen(port, host) {
      http1.listen({ port, host, backlog: maxPendingConnections });
      await once(http1, "listening").catch((error) => throwListenError(error, port, host));
      return (http1.address() as AddressInfo).port;
    },
    async close() {
      if (!http1.listening) return;
      isClosing = true;
      const closed = once(http1, "close");
      http1.close();
      for (const socket of undetected) socket.destroy();
      // A connection that was busy when the server closed becomes idle once its response is sent.
      const sweep = setInterval(() => http1.closeIdleConnections(), 50);
      const cut = setTimeout(() => http1.closeAllConnections(), shutdownGraceMs);
      await http2.close({ graceMs: shutdownGraceMs });
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

/** Reads enough to tell the protocol, puts the bytes back, and leaves the socket paused. */
function detectProtocol(
  socket: Socket,
  timeoutMs: number,
  onDetected: (isHttp2: boolean) => void,
): void {
  let seen = Buffer.alloc(0);
  const destroy = () => socket.destroy();
  const timer = setTimeout(destroy, timeoutMs);
  const inspect = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, http2Preface.length);
    const isPreface = seen.compare(http2Preface, 0, length, 0, length) === 0;
    if (isPreface && length < http2Preface.length) return;
    stop();
    socket.pause();
    socket.unshift(seen);
    onDetected(isPreface);
  };
  const stop = () => {
    clearTimeout(timer);
    socket.off("data", inspect);
    socket.off("error", destroy);
    socket.off("end", destroy);
    socket.off("close", stop);
  };
  socket.on("data", inspect);
  socket.on("error", destroy);
  socket.on("end", destroy);
  socket.on("close", stop);
}

function throwListenError(error: NodeJS.ErrnoException, port: number, host: string): never {
  switch (error.code) {
    case "EADDRINUSE":
      throw new OperatorError(`Port ${port} is already in use; set PLAZA_PORT to another one.`);
    case "EACCES":
      throw new OperatorError(
        `Port ${port} requires elevated privileges; set PLAZA_PORT to one above 1023.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      throw new OperatorError(`PLAZA_HOST is ${host}, which is not an address of this machine.`);
    default:
      throw error;
  }
}
