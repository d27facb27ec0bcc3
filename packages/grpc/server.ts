import { once } from "node:events";
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
} from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { acceptedEncodings } from "./calls/compression.ts";
import { errorTrailers } from "./calls/trailers.ts";
import type { Fields } from "./hpack/decoder.ts";
import { Connection } from "./http2/connection.ts";
import { errorCode } from "./http2/frames.ts";
import type { Stream } from "./http2/stream.ts";
import { defaultLimits, type Limits, tickMsOf } from "./limits.ts";
import { collectRoutes, type Router } from "./routes.ts";
import { type RequestHead, requestReader } from "./server/request-head.ts";
import { type CallLimits, ServerCall } from "./server/server-call.ts";

/** Options of a server. */
export type ServerOptions = {
  /** Says what is served; called once. */
  readonly routes: (router: Router) => unknown;
  /** Certificate and key, and the authorities of clients for mutual TLS; without, cleartext. */
  readonly tls?: TlsOptions;
  /** The largest message, in either direction, after decompression: 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Answers of this size or more go out in gzip to callers that take it; never unless given. */
  readonly compressMinBytes?: number;
  /** Limits of each connection; `defaultLimits` unless given. */
  readonly limits?: Partial<Limits>;
};

/** Where to listen. Port 0 takes any that is free. */
export type ListenOptions = { readonly port: number; readonly host?: string };

/** Makes a gRPC server. It serves nothing until it listens or is given a socket. */
export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** A gRPC server: calls of Connect's implementations over HTTP/2. */
export class Server {
  readonly #limits: Limits;
  readonly #callLimits: CallLimits;
  readonly #readRequest: (fields: Fields) => RequestHead;
  readonly #listener: NetServer;
  readonly #connections = new Set<Connection>();
  #ticker: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #isClosing = false;

  constructor({ routes, tls, limits, ...calls }: ServerOptions) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#callLimits = {
      maxMessageBytes: calls.maxMessageBytes ?? 4 * 1024 * 1024,
      gzipFrom: calls.compressMinBytes ?? Number.POSITIVE_INFINITY,
    };
    this.#readRequest = requestReader(collectRoutes(routes));
    this.#listener = tls
      ? createTlsServer(
          { handshakeTimeout: this.#limits.handshakeMs, ...tls, ALPNProtocols: ["h2"] },
          (socket) => this.#acceptTls(socket),
        )
      : createNetServer({ noDelay: true }, (socket) => this.accept(socket));
    // Node.js leaves open what did not finish its handshake in time.
    this.#listener.on("tlsClientError", (_, socket: TLSSocket) => socket.destroy());
  }

  /** The port that is listened on. */
  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Begins to listen. Rejects when the port cannot be had. */
  async listen({ port, host = "127.0.0.1" }: ListenOptions): Promise<void> {
    this.#listener.listen(port, host);
    await once(this.#listener, "listening");
  }

  /** Serves a connection that has come in elsewhere, such as on a port that several protocols share. */
  accept(socket: Duplex): void {
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, {
      role: "server",
      limits: this.#limits,
      onStream: this.#onStream,
      onClose: () => this.#forget(connection),
    });
    this.#connections.add(connection);
    this.#ticker ??= setInterval(this.#tick, tickMsOf(this.#limits)).unref();
  }

  /**
   * Takes no more connections and calls, and lets those that run end, for up to `graceMs`, 10 s unless
   * given. Clients learn that what they still send was not processed, and may send it elsewhere.
   */
  async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    const closed = this.#listener.listening ? once(this.#listener, "close") : undefined;
    this.#listener.close();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, graceMs);
    for (const connection of this.#connections) void connection.drain();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    clearTimeout(timer);
    await closed;
  }

  #acceptTls(socket: TLSSocket): void {
    if (socket.alpnProtocol === "h2") this.accept(socket);
    else socket.destroy();
  }

  readonly #onStream = (stream: Stream, fields: Fields | undefined, isEnd: boolean): void => {
    if (!fields) {
      refuse(stream, 431);
      return;
    }
    const head = this.#readRequest(fields);
    if (head.malformed !== undefined) stream.reset(errorCode.protocolError);
    else if (head.httpStatus) refuse(stream, head.httpStatus);
    else if (head.refusal || !head.route) refuseCall(stream, head);
    else {
      stream.promisedBytes = head.contentLength;
      const call = new ServerCall(stream, fields, head, head.route, this.#callLimits);
      stream.listener = call;
      if (isEnd) call.onData(empty, true);
    }
  };

  readonly #tick = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.tick(now);
  };

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#onEmpty?.();
  }
}

const empty = Buffer.alloc(0);

function refuse(stream: Stream, status: number): void {
  stream.sendHeaders([":status", String(status)], true);
}

function refuseCall(stream: Stream, { refusal }: RequestHead): void {
  const head = [":status", "200", "content-type", "application/grpc+proto"];
  head.push("grpc-accept-encoding", acceptedEncodings);
  if (refusal) stream.sendHeaders([...head, ...errorTrailers(refusal, refusal.metadata)], true);
}
