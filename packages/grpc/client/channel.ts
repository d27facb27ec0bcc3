import net from "node:net";
import tls from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { deadlineExceeded, startDeadlineTimer } from "../calls/deadline.ts";
import { Http2Connection } from "../http2/connection.ts";
import { type ConnectionLimits, checkIntervalMs } from "../http2/connection-limits.ts";
import { errorCode } from "../http2/frames.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { backoffMs } from "./backoff.ts";
import type { ServerAddress } from "./server-address.ts";

/** Options of the connections to one server. */
export type ChannelOptions = {
  readonly address: ServerAddress;
  /** Returns the current authorities, certificate and key, for TLS. */
  readonly tls: () => tls.ConnectionOptions;
  readonly limits: ConnectionLimits;
  /** After this the server counts as down; the connection attempt goes on for five times as long. */
  readonly connectTimeoutMs: number;
  /** Maximum number of connections; another is opened when all streams of the others are in use. */
  readonly maxConnections: number;
  /** The server has become unreachable. */
  readonly onDown?: () => void;
};

// Busy servers finish handshakes late; starting over would make them busier.
const maxConnectTimeouts = 5;

type PendingStream = { resolve(stream: Http2Stream): void; reject(error: ConnectError): void };

/** The connections to one server: opened on demand, shared by all calls, reopened when lost. */
export class Channel {
  readonly authority: string;
  readonly #options: ChannelOptions;
  #limits: ConnectionLimits;
  readonly #connections = new Set<Http2Connection>();
  readonly #pendingStreams = new Set<PendingStream>();
  #connectingSocket: net.Socket | undefined;
  #failures = 0;
  /** Whether connecting has failed, or takes too long, since it last succeeded. */
  #hasFailed = false;
  #lastError: ConnectError | undefined;
  #retryAt = 0;
  #checkTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Calls with an open or a pending stream. */
  outstandingCalls = 0;
  /** Calls with a response, complete or begun. */
  responseCount = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.authority = options.address.authority;
  }

  /** Whether the last attempt to reach the server failed and no connection is left. */
  get isDown(): boolean {
    return this.#hasFailed && this.#usableConnections.length === 0;
  }

  /** Connects to a server that is down, unless that is in progress or backing off. */
  probe(): void {
    if (!this.#isClosed && !this.#isBackingOff) this.#connectIfNeeded();
  }

  /** Lets the next call connect without waiting for the backoff. */
  resetBackoff(): void {
    this.#retryAt = 0;
  }

  /** Opens a stream if a connection has capacity. */
  tryOpenStream(): Http2Stream | undefined {
    for (const connection of this.#connections) {
      if (connection.hasCapacity) return connection.openStream();
    }
    return undefined;
  }

  /**
   * Waits for a stream. Rejects with UNAVAILABLE when the server cannot be reached, and with the error of the
   * signal or the deadline when that comes first.
   */
  openStream(signal: AbortSignal | undefined, timeoutMs: number | undefined): Promise<Http2Stream> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new ConnectError("the transport is closed", Code.Unavailable));
        return;
      }
      if (this.isDown && this.#isBackingOff && this.#lastError) {
        reject(this.#lastError);
        return;
      }
      const rejectPending = (error: ConnectError) => {
        this.#pendingStreams.delete(pending);
        pending.reject(error);
      };
      const onAbort = () => rejectPending(ConnectError.from(signal?.reason, Code.Canceled));
      const timer = startDeadlineTimer(timeoutMs, () => rejectPending(deadlineExceeded()));
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const pending: PendingStream = {
        resolve: (stream) => {
          settled();
          resolve(stream);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#pendingStreams.add(pending);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
      this.#connectIfNeeded();
    });
  }

  /** Closes the connections once their calls have ended. */
  close(): void {
    this.#isClosed = true;
    this.#connectingSocket?.destroy();
    this.#rejectPendingStreams(new ConnectError("the transport is closed", Code.Unavailable));
    for (const connection of this.#connections) void connection.drain();
  }

  /** The connections that are not draining. */
  get #usableConnections(): Http2Connection[] {
    return [...this.#connections].filter(({ isAcceptingStreams }) => isAcceptingStreams);
  }

  get #isBackingOff(): boolean {
    return this.#retryAt > performance.now();
  }

  #connectIfNeeded(): void {
    if (this.#connectingSocket) return;
    const usable = this.#usableConnections;
    if (usable.length >= this.#options.maxConnections) return;
    if (usable.some(({ isAwaitingSettings }) => isAwaitingSettings)) return;
    const { address, connectTimeoutMs } = this.#options;
    const socket = this.#createSocket();
    this.#connectingSocket = socket;
    // Pending calls go to another server, or come back and wait when there is none.
    const downTimer = startDeadlineTimer(connectTimeoutMs, () => {
      this.#markDown(new Error("connecting took longer than connectTimeoutMs"));
    });
    const abortTimer = startDeadlineTimer(maxConnectTimeouts * connectTimeoutMs, () => {
      socket.destroy(new Error("connecting timed out"));
    });
    const onError = (error: Error) => onFail(error);
    const onClose = () => onFail(new Error("the socket was closed"));
    const settle = () => {
      clearTimeout(downTimer);
      clearTimeout(abortTimer);
      socket.off("error", onError);
      socket.off("close", onClose);
      this.#connectingSocket = undefined;
    };
    const onFail = (error: Error) => {
      settle();
      socket.on("error", () => undefined);
      socket.destroy();
      this.#onConnectFailure(error);
    };
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.once(address.isSecure ? "secureConnect" : "connect", () => {
      settle();
      this.#onConnected(socket);
    });
  }

  #createSocket(): net.Socket {
    const { isSecure, endpoint } = this.#options.address;
    if (!isSecure) return net.connect({ ...endpoint, noDelay: true });
    const host = "host" in endpoint ? endpoint.host : this.authority;
    const socket = tls.connect({
      servername: net.isIP(host) ? "" : host,
      ...this.#options.tls(),
      ...endpoint,
      ALPNProtocols: ["h2"],
    });
    socket.setNoDelay(true);
    return socket;
  }

  #onConnected(socket: net.Socket): void {
    this.#failures = 0;
    this.#hasFailed = false;
    this.#retryAt = 0;
    const connection = new Http2Connection(socket, {
      role: "client",
      limits: this.#limits,
      onGoaway: this.#onGoaway,
      onCapacity: () => this.#servePendingStreams(),
      onClose: () => this.#onConnectionClosed(connection),
    });
    this.#connections.add(connection);
    this.#checkTimer ??= setInterval(this.#checkConnections, checkIntervalMs(this.#limits)).unref();
    this.#servePendingStreams();
  }

  /** Sends fewer PINGs when the server finds them too many (gRFC A8, "Basic Keepalive"). */
  readonly #onGoaway = (code: number, debugData: string): void => {
    const keepaliveIntervalMs = 2 * this.#limits.keepaliveIntervalMs;
    const isTooMany = code === errorCode.enhanceYourCalm && debugData === "too_many_pings";
    if (!isTooMany || keepaliveIntervalMs === 0) return;
    this.#limits = { ...this.#limits, keepaliveIntervalMs };
    process.emitWarning(
      `${this.authority} finds the keepalive PINGs too many; the next connections send one after ${keepaliveIntervalMs} ms`,
    );
  };

  #servePendingStreams(): void {
    for (const pending of this.#pendingStreams) {
      const stream = this.tryOpenStream();
      if (!stream) break;
      this.#pendingStreams.delete(pending);
      pending.resolve(stream);
    }
    if (this.#pendingStreams.size > 0) this.#connectIfNeeded();
  }

  #onConnectionClosed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) {
      clearInterval(this.#checkTimer);
      this.#checkTimer = undefined;
    }
    if (this.#pendingStreams.size > 0) this.#connectIfNeeded();
  }

  #onConnectFailure(error: Error): void {
    this.#failures += 1;
    this.#markDown(error);
    this.#retryAt = performance.now() + backoffMs(this.#failures);
  }

  /** Records that the server is down. Rejects pending calls unless another connection reaches it. */
  #markDown(error: Error): void {
    if (!this.#hasFailed) this.#options.onDown?.();
    this.#hasFailed = true;
    const message = `${this.authority} cannot be reached`;
    const failure = new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    this.#lastError = failure;
    if (this.#usableConnections.length === 0) this.#rejectPendingStreams(failure);
  }

  #rejectPendingStreams(error: ConnectError): void {
    const rejected = [...this.#pendingStreams];
    this.#pendingStreams.clear();
    for (const { reject } of rejected) reject(error);
  }

  readonly #checkConnections = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.checkTimers(now);
  };
}
