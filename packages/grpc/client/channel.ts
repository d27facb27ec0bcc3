import net from "node:net";
import tls from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { deadlineExceeded, startDeadlineTimer } from "../calls/deadline.ts";
import { Http2Connection } from "../http2/connection.ts";
import { type ConnectionLimits, checkIntervalMs } from "../http2/connection-limits.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { backoffMs } from "./backoff.ts";

/** What reaching one server takes. */
export type ChannelOptions = {
  /** `http://host:port` for cleartext, `https://host:port` for TLS. */
  readonly address: URL;
  /** Authorities, certificate and key as they are now, for TLS. */
  readonly tls: () => tls.ConnectionOptions;
  readonly limits: ConnectionLimits;
  /** How long connecting takes until the server counts as down; it may go on for five times as long. */
  readonly connectTimeoutMs: number;
  /** Most connections to the server; another is opened when all streams of the others are in use. */
  readonly maxConnections: number;
  /** The server cannot be reached, though it could be before. */
  readonly onDown?: () => void;
};

// A busy server shakes hands late: to begin anew each time would make it busier.
const maxConnectTimeouts = 5;

type PendingStream = { resolve(stream: Http2Stream): void; reject(error: ConnectError): void };

/** The connections to one server: opened when needed, shared by all calls, opened again when lost. */
export class Channel {
  readonly authority: string;
  readonly #options: ChannelOptions;
  readonly #connections = new Set<Http2Connection>();
  readonly #pendingStreams = new Set<PendingStream>();
  #connectingSocket: net.Socket | undefined;
  #failures = 0;
  /** Whether connecting has failed, or takes too long, since it went well last. */
  #hasFailed = false;
  #lastError: ConnectError | undefined;
  #retryAt = 0;
  #checkTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Streams that are open, or waited for. */
  outstandingCalls = 0;
  /** Calls that the server has answered, or begun to. */
  responseCount = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.authority = options.address.host;
  }

  /** Whether the server could not be reached lately, and has not been since. */
  get isDown(): boolean {
    return this.#hasFailed && this.#usableConnections.length === 0;
  }

  /** Tries to reach a server that is down, unless that is under way or was in vain a moment ago. */
  probe(): void {
    if (!this.#isClosed && !this.#isBackingOff) this.#connectIfNeeded();
  }

  /** Lets the next call try to reach the server, whenever that was tried last. */
  resetBackoff(): void {
    this.#retryAt = 0;
  }

  /** A stream that can be had at once. */
  tryOpenStream(): Http2Stream | undefined {
    for (const connection of this.#connections) {
      if (connection.hasCapacity) return connection.openStream();
    }
    return undefined;
  }

  /**
   * A stream, when there is one. Rejects with UNAVAILABLE when the server cannot be reached, and when the
   * caller or the deadline, so many milliseconds from now, ends the call before.
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
      const giveUp = (error: ConnectError) => {
        this.#pendingStreams.delete(waiting);
        waiting.reject(error);
      };
      const onAbort = () => giveUp(ConnectError.from(signal?.reason, Code.Canceled));
      const timer = startDeadlineTimer(timeoutMs, () => giveUp(deadlineExceeded()));
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiting: PendingStream = {
        resolve: (stream) => {
          settled();
          resolve(stream);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#pendingStreams.add(waiting);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
      this.#connectIfNeeded();
    });
  }

  /** Ends all connections once their calls have ended. */
  close(): void {
    this.#isClosed = true;
    this.#connectingSocket?.destroy();
    this.#rejectPendingStreams(new ConnectError("the transport is closed", Code.Unavailable));
    for (const connection of this.#connections) void connection.drain();
  }

  /** The connections but those that only finish what they have begun. */
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
    // Calls that wait go elsewhere; those that cannot come back, and wait on.
    const late = setTimeout(() => this.#markDown(new Error("it takes too long")), connectTimeoutMs);
    const mostMs = maxConnectTimeouts * connectTimeoutMs;
    const timer = setTimeout(() => socket.destroy(new Error("timed out")), mostMs);
    const onError = (error: Error) => onFail(error);
    const onClose = () => onFail(new Error("closed"));
    const settle = () => {
      clearTimeout(late);
      clearTimeout(timer);
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
    socket.once(address.protocol === "https:" ? "secureConnect" : "connect", () => {
      settle();
      this.#onConnected(socket);
    });
  }

  #createSocket(): net.Socket {
    const { address } = this.#options;
    const host = address.hostname.replace(/^\[|\]$/g, "");
    if (address.protocol !== "https:") {
      return net.connect({ host, port: Number(address.port || 80), noDelay: true });
    }
    const servername = net.isIP(host) ? "" : host;
    const port = Number(address.port || 443);
    const socket = tls.connect({
      servername,
      ...this.#options.tls(),
      host,
      port,
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
      limits: this.#options.limits,
      onCapacity: () => this.#servePendingStreams(),
      onClose: () => this.#onConnectionClosed(connection),
    });
    this.#connections.add(connection);
    this.#checkTimer ??= setInterval(
      this.#checkConnections,
      checkIntervalMs(this.#options.limits),
    ).unref();
    this.#servePendingStreams();
  }

  #servePendingStreams(): void {
    for (const waiting of this.#pendingStreams) {
      const stream = this.tryOpenStream();
      if (!stream) break;
      this.#pendingStreams.delete(waiting);
      waiting.resolve(stream);
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

  /** Takes the server for down, unless it is still reached by another connection. */
  #markDown(error: Error): void {
    if (!this.#hasFailed) this.#options.onDown?.();
    this.#hasFailed = true;
    const message = `${this.authority} cannot be reached`;
    const failure = new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    this.#lastError = failure;
    if (this.#usableConnections.length === 0) this.#rejectPendingStreams(failure);
  }

  #rejectPendingStreams(error: ConnectError): void {
    const refused = [...this.#pendingStreams];
    this.#pendingStreams.clear();
    for (const { reject } of refused) reject(error);
  }

  readonly #checkConnections = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.checkTimers(now);
  };
}
