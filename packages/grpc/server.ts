import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext } from "@connectrpc/connect";
import { acceptedEncodings } from "./calls/compression.ts";
import { collectRoutes, type Route, type Router } from "./calls/routes.ts";
import { errorTrailers } from "./calls/trailers.ts";
import type { HeaderFields } from "./hpack/decoder.ts";
import { Http2Connection } from "./http2/connection.ts";
import {
  type ConnectionLimits,
  checkIntervalMs,
  defaultConnectionLimits,
} from "./http2/connection-limits.ts";
import { errorCode } from "./http2/frames.ts";
import type { Http2Stream } from "./http2/stream.ts";
import type { Http2Stream as FallbackStream } from "./http2.ts";
import { createListener } from "./server/listener.ts";
import { ReceiveBudget } from "./server/receive-budget.ts";
import { createRequestParser, type RequestHeaders } from "./server/request-headers.ts";
import { requestUndecodable, ServerCall, type ServerCallOptions } from "./server/server-call.ts";

export type { Router } from "./calls/routes.ts";
export { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

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
  readonly maxPartialMessageBytes?: number;
  /** Limits of each connection; `defaultLimits` unless given. */
  readonly limits?: Partial<ConnectionLimits>;
  /**
   * Asked before anything else is done for a call: the error that it answers refuses the call. The same
   * one should come each time, since what is made of it is kept.
   */
  readonly reject?: (method: DescMethod) => ConnectError | undefined;
  /** The error of a request that cannot be decoded: INVALID_ARGUMENT without details unless given. */
  readonly decodeError?: () => ConnectError;
  /**
   * Takes requests that are no calls of gRPC: sets the stream's listener, and answers through it. They
   * are answered 405 or 415 unless given. `isEnd` says that nothing follows the fields.
   */
  readonly fallback?: (stream: FallbackStream, fields: HeaderFields, isEnd: boolean) => void;
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
  readonly #limits: ConnectionLimits;
  readonly #maxConnections: number;
  readonly #callOptions: ServerCallOptions;
  readonly #fallback: ServerOptions["fallback"];
  readonly #reject: ServerOptions["reject"];
  readonly #parseRequest: (fields: HeaderFields) => RequestHeaders;
  readonly #listener: NetServer;
  readonly #connections = new Set<Http2Connection>();
  #checkTimer: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #isClosing = false;

  constructor({ routes, tls, limits, fallback, maxConnections = 1_000, ...calls }: ServerOptions) {
    this.#limits = { ...defaultConnectionLimits, ...limits };
    this.#maxConnections = maxConnections;
    const { maxMessageBytes = 4 * 1024 * 1024 } = calls;
    this.#callOptions = {
      maxMessageBytes,
      maxRequestBytes: calls.maxRequestBytes ?? maxMessageBytes,
      compressMinBytes: calls.compressMinBytes ?? Number.POSITIVE_INFINITY,
      requestTimeoutMs: this.#limits.requestTimeoutMs,
      decodeError: calls.decodeError ?? requestUndecodable,
      receiveBudget: new ReceiveBudget(calls.maxPartialMessageBytes ?? 256 * 1024 * 1024),
    };
    this.#fallback = fallback;
    this.#reject = calls.reject;
    this.#parseRequest = createRequestParser(collectRoutes(routes));
    const { handshakeTimeoutMs } = this.#limits;
    this.#listener = createListener(
      {
        tls: typeof tls === "object" ? () => tls : tls,
        handshakeMs: handshakeTimeoutMs,
        maxConnections,
      },
      (socket) => this.accept(socket),
    );
  }

  /** The port that is listened on. */
  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connectionCount(): number {
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
    const connection = new Http2Connection(socket, {
      role: "server",
      limits: this.#limits,
      onStream: this.#onStream,
      onClose: () => this.#onConnectionClosed(connection),
    });
    this.#connections.add(connection);
    this.#checkTimer ??= setInterval(this.#checkConnections, checkIntervalMs(this.#limits)).unref();
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

  readonly #onStream = (
    stream: Http2Stream,
    fields: HeaderFields | undefined,
    isEnd: boolean,
  ): void => {
    if (!fields) {
      respondWithStatus(stream, 431);
      return;
    }
    const head = this.#parseRequest(fields);
    if (head.malformed !== undefined) stream.reset(errorCode.protocolError);
    else if (head.httpStatus && this.#fallback) {
      stream.remainingContentLength = head.contentLength;
      this.#fallback(stream, fields, isEnd);
    } else if (head.httpStatus) respondWithStatus(stream, head.httpStatus);
    else if (head.rejection) rejectCall(stream, head.rejection);
    else if (head.route) this.#onCall(stream, fields, isEnd, head, head.route);
  };

  #onCall(
    stream: Http2Stream,
    fields: HeaderFields,
    isEnd: boolean,
    head: RequestHeaders,
    route: Route,
  ): void {
    const refusal = this.#reject?.(route.method);
    if (refusal) rejectCall(stream, refusal);
    else {
      stream.remainingContentLength = head.contentLength;
      const call = new ServerCall(stream, fields, head, route, this.#callOptions);
      stream.listener = call;
      if (isEnd) call.onData(emptyBuffer, true);
    }
  }

  readonly #checkConnections = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.checkTimers(now);
  };

  #onConnectionClosed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#checkTimer);
    this.#checkTimer = undefined;
    this.#onEmpty?.();
  }
}

const emptyBuffer = Buffer.alloc(0);

function respondWithStatus(stream: Http2Stream, status: number): void {
  stream.sendHeaders([":status", String(status)], true);
}

const rejectionTrailers = new WeakMap<ConnectError, HeaderFields>();

function rejectCall(stream: Http2Stream, error: ConnectError): void {
  const fields = rejectionTrailers.get(error) ?? toRejectionFields(error);
  rejectionTrailers.set(error, fields);
  stream.sendHeaders(fields, true);
}

function toRejectionFields(error: ConnectError): HeaderFields {
  const head = [":status", "200", "content-type", "application/grpc+proto"];
  head.push("grpc-accept-encoding", acceptedEncodings);
  return [...head, ...errorTrailers(error, error.metadata)];
}
