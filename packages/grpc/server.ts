import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext } from "@connectrpc/connect";
import { acceptedEncodings } from "./calls/compression.ts";
import { startDeadlineTimer } from "./calls/deadline.ts";
import { requestUndecodable } from "./calls/message-errors.ts";
import { collectRoutes, type Route, type Router } from "./calls/routes.ts";
import { fitStatus } from "./calls/status-size.ts";
import { errorTrailers } from "./calls/trailers.ts";
import type { HeaderFields } from "./hpack/header-fields.ts";
import { Http2Connection } from "./http2/connection.ts";
import {
  type ConnectionLimits,
  checkIntervalMs,
  defaultConnectionLimits,
} from "./http2/connection-limits.ts";
import { errorCode } from "./http2/frames.ts";
import { SendBudget } from "./http2/send-budget.ts";
import type { Http2Stream } from "./http2/stream.ts";
import type { Http2Stream as FallbackStream } from "./http2.ts";
import { createListener } from "./server/listener.ts";
import { ReceiveBudget } from "./server/receive-budget.ts";
import { createRequestParser, type RequestHeaders } from "./server/request-headers.ts";
import { responseFields } from "./server/response-fields.ts";
import { ServerCall } from "./server/server-call.ts";
import type { ServerCallOptions } from "./server/server-call-options.ts";

export type { Router } from "./calls/routes.ts";
export { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

/** Options of a server. */
export type ServerOptions = {
  /** Registers the services; called once. */
  readonly routes: (router: Router) => unknown;
  /**
   * Certificate and key, and for mutual TLS the certificate authorities of clients; cleartext if omitted. A
   * function is called for each incoming connection, and a new object that it returns applies from then on.
   * It must not throw.
   */
  readonly tls?: TlsOptions | (() => TlsOptions);
  /** The largest message in either direction, in bytes after decompression: 4 MiB by default. */
  readonly maxMessageBytes?: number;
  /** The largest request message; `maxMessageBytes` by default. */
  readonly maxRequestBytes?: number;
  /** Responses of at least this size are compressed for clients that accept gzip; none by default. */
  readonly compressMinBytes?: number;
  /**
   * Connections open at once, incomplete TLS handshakes included; further ones are closed on arrival. 1,000
   * by default: a client opens one for every thousand concurrent calls. Idle, 1,000 take 64 MiB with TLS.
   */
  readonly maxConnections?: number;
  /**
   * Bytes of requests that have arrived and that no handler has read, over all connections; beyond, the newest of
   * their calls end with RESOURCE_EXHAUSTED. 256 MiB by default: 64 of the largest messages at once, within a process
   * of 1 GiB though buffers may be twice as large as their content.
   */
  readonly maxPartialMessageBytes?: number;
  /**
   * Memory of the response messages that wait to be sent, over all connections; beyond, the connection that holds
   * most for longest ends with ENHANCE_YOUR_CALM. 256 MiB by default.
   */
  readonly maxQueuedResponseBytes?: number;
  /** Limits of each connection; `defaultConnectionLimits` by default. */
  readonly limits?: Partial<ConnectionLimits>;
  /**
   * Returns an error to end a call before anything is done for it. Return the same object each time: its
   * trailers are cached.
   */
  readonly reject?: (method: DescMethod) => ConnectError | undefined;
  /** Makes the error of an undecodable request; INVALID_ARGUMENT without details by default. */
  readonly decodeError?: () => ConnectError;
  /**
   * Handles requests that are not gRPC: sets the stream's listener, and responds on the stream. By default
   * they get HTTP status 405 or 415. `isEnd`: the request has no body.
   */
  readonly fallback?: (stream: FallbackStream, fields: HeaderFields, isEnd: boolean) => void;
};

/** Where to listen. Port 0 picks a free one. */
export type ListenOptions = { readonly port: number; readonly host?: string };

/** Creates a gRPC server. It serves nothing until `listen` or `accept` is called. */
export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** The network address of the peer of a call, if the call came through such a server. */
export function remoteAddressOf(context: HandlerContext): string | undefined {
  return context instanceof ServerCall ? context.remoteAddress : undefined;
}

/** A gRPC server for Connect's service implementations. */
export class Server {
  readonly #limits: ConnectionLimits;
  readonly #maxConnections: number;
  readonly #callOptions: ServerCallOptions;
  readonly #fallback: ServerOptions["fallback"];
  readonly #reject: ServerOptions["reject"];
  readonly #parseRequest: (fields: HeaderFields) => RequestHeaders;
  readonly #listener: NetServer;
  readonly #connections = new Set<Http2Connection>();
  readonly #sendBudget: SendBudget;
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
    const { maxQueuedResponseBytes = 256 * 1024 * 1024 } = calls;
    this.#sendBudget = new SendBudget(maxQueuedResponseBytes, this.#connections);
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

  /** The port it listens on. */
  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** The number of open connections. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Starts to listen. Rejects when the port cannot be bound. */
  async listen({ port, host = "127.0.0.1" }: ListenOptions): Promise<void> {
    this.#listener.listen(port, host);
    await once(this.#listener, "listening");
  }

  /**
   * Serves a connection that was accepted elsewhere, such as on a port that several protocols share. It counts
   * towards `maxConnections`.
   */
  accept(socket: Duplex): void {
    if (this.#isClosing || this.#connections.size >= this.#maxConnections) {
      socket.destroy();
      return;
    }
    const connection = new Http2Connection(socket, {
      role: "server",
      limits: this.#limits,
      sendBudget: this.#sendBudget,
      onStream: this.#onStream,
      onClose: () => this.#onConnectionClosed(connection),
    });
    this.#connections.add(connection);
    this.#checkTimer ??= setInterval(this.#checkConnections, checkIntervalMs(this.#limits)).unref();
  }

  /**
   * Stops accepting connections and calls, and waits for running calls up to `graceMs`, 10 s by default.
   * Clients learn which calls were not processed, and can retry them elsewhere.
   */
  async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    const closed = this.#listener.listening ? once(this.#listener, "close") : undefined;
    this.#listener.close();
    const timer = startDeadlineTimer(graceMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
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
  stream.sendHeaders(fitStatus(fields, stream.maxSentHeaderListBytes), true);
}

function toRejectionFields(error: ConnectError): HeaderFields {
  const trailers = errorTrailers(error, error.metadata);
  return [
    ...responseFields(false, undefined),
    "grpc-accept-encoding",
    acceptedEncodings,
    ...trailers,
  ];
}
