import { once } from "node:events";
import {
  createServer,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type RequestListener,
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
  protocolDetectionTimeoutMs,
  shutdownGraceMs,
} from "./base/limits.ts";
import { respondToClientError } from "./http/client-error.ts";
import { bridgeToHttp1 } from "./http/h2c-bridge.ts";
import { createLoadShedder, type LoadShedderOptions } from "./overload/load-shedder.ts";

/** A port that takes HTTP/1.1 and HTTP/2 alike. */
export type PortListener = {
  /** Answers the port; 0 takes any free one. Throws an OperatorError when the port cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections, lets requests in flight end for ten seconds, and cuts the rest. */
  close(): Promise<void>;
};

type WriteHeadHeaders = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** What a client says first when it knows that the server speaks HTTP/2 (RFC 9113, section 3.4). */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** What answers gRPC. */
export type GrpcHandlers = {
  readonly routes: ServerOptions["routes"];
  readonly decodeError: NonNullable<ServerOptions["decodeError"]>;
  readonly reject: NonNullable<ServerOptions["reject"]>;
};

/**
 * One port for both versions of HTTP. The HTTP/1.1 server does the listening; the first bytes of each
 * connection decide whether it keeps the connection. HTTP/2 is @plaza/grpc's, which has `grpc` answered
 * there, and hands everything else back.
 */
export function createPortListener(
  handle: RequestListener,
  grpc: GrpcHandlers,
  shedderOptions: LoadShedderOptions,
): PortListener {
  let isClosing = false;
  /** Whoever is answered once the port closes is told to make his next request elsewhere. */
  class Answer extends ServerResponse {
    override writeHead(
      status: number,
      reason?: string | WriteHeadHeaders,
      headers?: WriteHeadHeaders,
    ): this {
      if (isClosing) this.setHeader("connection", "close");
      if (typeof reason === "string") return super.writeHead(status, reason, headers);
      return super.writeHead(status, reason);
    }
  }
  const http1 = createServer({ ...http1Limits, ServerResponse: Answer }, handle);
  const shedding = createLoadShedder(shedderOptions);
  const listeners = http1.listeners("connection") as ((connection: Duplex) => void)[];
  const serveHttp1 = (connection: Duplex) => {
    for (const serve of listeners) serve.call(http1, connection);
  };
  const http2 = createGrpcServer({
    ...grpc,
    ...grpcLimits,
    fallback: (stream, fields, isEnd) => bridgeToHttp1(stream, fields, isEnd, serveHttp1),
  });
  const undecided = new Set<Socket>();

  http1.timeout = idleTimeoutMs;
  http1.on("request", shedding.onRequest);
  http1.on("clientError", respondToClientError);
  http1.removeAllListeners("connection");
  http1.on("connection", (socket) => {
    undecided.add(socket);
    detectProtocol(socket, (isHttp2) => {
      undecided.delete(socket);
      if (isHttp2) http2.accept(socket);
      else {
        serveHttp1(socket);
        shedding.onConnection(socket);
      }
      socket.resume();
    });
    socket.once("close", () => undecided.delete(socket));
  });

  return {
    async listen(port, host) {
      http1.listen(port, host);
      await once(http1, "listening").catch((error) => throwListenError(error, port, host));
      return (http1.address() as AddressInfo).port;
    },
    async close() {
      if (!http1.listening) return;
      isClosing = true;
      const closed = once(http1, "close");
      // Before idle connections end, which those of calls that are held back look like.
      shedding.close();
      http1.close();
      for (const socket of undecided) socket.destroy();
      // A connection that was busy when the server closed is idle once its answer is out.
      const sweep = setInterval(() => http1.closeIdleConnections(), 50);
      const cut = setTimeout(() => http1.closeAllConnections(), shutdownGraceMs);
      await http2.close({ graceMs: shutdownGraceMs });
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}

/** Reads as much as it takes to know the protocol, puts it back, and leaves the socket paused. */
function detectProtocol(socket: Socket, decide: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const tooSlow = setTimeout(() => socket.destroy(), protocolDetectionTimeoutMs);
  const drop = () => socket.destroy();
  const look = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, http2Preface.length);
    const fits = seen.compare(http2Preface, 0, length, 0, length) === 0;
    if (fits && length < http2Preface.length) return;
    stop();
    socket.pause();
    socket.unshift(seen);
    decide(fits);
  };
  const stop = () => {
    clearTimeout(tooSlow);
    socket.off("data", look);
    socket.off("error", drop);
    socket.off("end", drop);
    socket.off("close", stop);
  };
  socket.on("data", look);
  socket.on("error", drop);
  socket.on("end", drop);
  socket.on("close", stop);
}

function throwListenError(error: NodeJS.ErrnoException, port: number, host: string): never {
  switch (error.code) {
    case "EADDRINUSE":
      throw new OperatorError(`Port ${port} is taken; set PLAZA_PORT to another one.`);
    case "EACCES":
      throw new OperatorError(`Port ${port} takes more rights; set PLAZA_PORT to one above 1023.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      throw new OperatorError(`PLAZA_HOST is ${host}, which is no address of this machine.`);
    default:
      throw error;
  }
}
