import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext } from "@connectrpc/connect";
import { acceptedEncodings } from "./calls/compression.ts";
import { collectRoutes, type Route, type Router } from "./calls/routes.ts";
import { errorTrailers } from "./calls/trailers.ts";
import type { Fields } from "./hpack/decoder.ts";
import { Connection } from "./http2/connection.ts";
import { defaultLimits, type Limits, tickMsOf } from "./http2/connection-limits.ts";
import { errorCode } from "./http2/frames.ts";
import type { Stream } from "./http2/stream.ts";
import { createListener } from "./server/listener.ts";
import { Unfinished } from "./server/receive-budget.ts";
import { type RequestHead, requestReader } from "./server/request-headers.ts";
import { type CallOptions, ServerCall, undecodable } from "./server/server-call.ts";

/** Options of a server. */
export type ServerOptions = {
  /** Says what is served; called once. */
  readonly routes: (router: Router) => unknown;
  /**
   * Certificate and key, and the authorities of clients for mutual TLS; without, cleartext. A function is
   * asked for each connection that comes in, and those after it answers another object are served with the
   * certificates of that one. It must not throw.
   */
  readonly tls?: TlsOptions | (() => TlsOptions);
  /** The largest message, in either direction, after decompression: 4 MiB. */
  readonly maxMessageBytes?: number;
  /** The largest request, if that is to be less. */
  readonly maxRequestBytes?: number;
  /** Answers of this size or more go out in gzip to callers that take it; never unless given. */
  readonly compressMinBytes?: number;
  /**
   * Connections that may be open at once, also those whose TLS handshake has not ended; more are closed as
   * they come in. 1,000, since a client takes one for every thousand calls that it has under way: a fleet
   * of a thousand processes. Idle, so many take 64 MiB with TLS.
   */
  readonly maxConnections?: number;
  /**
   * Bytes that calls may hold, over all connections, of messages which are not all there: 256 MiB, which is
   * four connections as full as they may be, or 64 of the largest messages at once, and leaves a process of
   * 1 GiB alive though buffers may be twice as large as what is in them. Beyond, the newest of these calls
   * are refused, RESOURCE_EXHAUSTED.
   */
  readonly maxUnfinishedBytes?: number;
  /** Limits of each connection; `defaultLimits` unless given. */
  readonly limits?: Partial<Limits>;
  /**
   * Asked before anything else is done for a call: the error that it answers refuses the call. The same
   * one should come each time, since what is made of it is kept.
   */
  readonly refuse?: (method: DescMethod) => ConnectError | undefined;
  /** The error of a request that cannot be decoded: INVALID_ARGUMENT without details unless given. */
  readonly unreadable?: () => ConnectError;
  /**
   * Takes requests that are no calls of gRPC: sets the stream's listener, and answers through it. They
   * are answered 405 or 415 unless given. `isEnd` says that nothing follows the fields.
   */
  readonly otherwise?: (stream: Stream, fields: Fields, isEnd: boolean) => void;
};

/** Where to listen. Port 0 takes any that is free. */
export type ListenOptions = { readonly port: number; readonly host?: string };

/** Makes a gRPC server. It serves nothing until it listens or is given a socket. */
export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** The network address that a call of such a server comes from, if it is known. */
export function remoteAddressOf(context: HandlerContext): string | undefined {
  return context instanceof ServerCall ? context.remoteAddress : undefined;
}

/** A gRPC server: calls of Connect's implementations over HTTP/2. */
export class Server {
  readonly #limits: Limits;
  readonly #maxConnections: number;
  readonly #callOptions: CallOptions;
  readonly #otherwise: ServerOptions["otherwise"];
  readonly #refuse: ServerOptions["refuse"];
  readonly #readRequest: (fields: Fields) => RequestHead;
  readonly #listener: NetServer;
  readonly #connections = new Set<Connection>();
  #ticker: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #isClosing = false;

  constructor({ routes, tls, limits, otherwise, maxConnections = 1_000, ...calls }: ServerOptions) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#maxConnections = maxConnections;
    const { maxMessageBytes = 4 * 1024 * 1024 } = calls;
    this.#callOptions = {
      maxMessageBytes,
      maxRequestBytes: calls.maxRequestBytes ?? maxMessageBytes,
      gzipFrom: calls.compressMinBytes ?? Number.POSITIVE_INFINITY,
      requestMs: this.#limits.requestMs,
      unreadable: calls.unreadable ?? undecodable,
      unfinished: new Unfinished(calls.maxUnfinishedBytes ?? 256 * 1024 * 1024),
    };
    this.#otherwise = otherwise;
    this.#refuse = calls.refuse;
    this.#readRequest = requestReader(collectRoutes(routes));
    const { handshakeMs } = this.#limits;
    this.#listener = createListener(
      { tls: typeof tls === "object" ? () => tls : tls, handshakeMs, maxConnections },
      (socket) => this.accept(socket),
    );
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

  /**
   * Serves a connection that has come in elsewhere, such as on a port that several protocols share. It
   * counts as those do that come in here.
   */
  accept(socket: Duplex): void {
    if (this.#isClosing || this.#connections.size >= this.#maxConnections) {
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

  readonly #onStream = (stream: Stream, fields: Fields | undefined, isEnd: boolean): void => {
    if (!fields) {
      refuse(stream, 431);
      return;
    }
    const head = this.#readRequest(fields);
    if (head.malformed !== undefined) stream.reset(errorCode.protocolError);
    else if (head.httpStatus && this.#otherwise) {
      stream.promisedBytes = head.contentLength;
      this.#otherwise(stream, fields, isEnd);
    } else if (head.httpStatus) refuse(stream, head.httpStatus);
    else if (head.refusal) refuseCall(stream, head.refusal);
    else if (head.route) this.#onCall(stream, fields, isEnd, head, head.route);
  };

  #onCall(stream: Stream, fields: Fields, isEnd: boolean, head: RequestHead, route: Route): void {
    const refusal = this.#refuse?.(route.method);
    if (refusal) refuseCall(stream, refusal);
    else {
      stream.promisedBytes = head.contentLength;
      const call = new ServerCall(stream, fields, head, route, this.#callOptions);
      stream.listener = call;
      if (isEnd) call.onData(empty, true);
    }
  }

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

const refusals = new WeakMap<ConnectError, Fields>();

function refuseCall(stream: Stream, error: ConnectError): void {
  const fields = refusals.get(error) ?? refusalFields(error);
  refusals.set(error, fields);
  stream.sendHeaders(fields, true);
}

function refusalFields(error: ConnectError): Fields {
  const head = [":status", "200", "content-type", "application/grpc+proto"];
  head.push("grpc-accept-encoding", acceptedEncodings);
  return [...head, ...errorTrailers(error, error.metadata)];
}
