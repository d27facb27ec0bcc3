import net from "node:net";
import tls from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { deadlineTimer, late } from "../calls/deadline.ts";
import { Connection } from "../http2/connection.ts";
import { type Limits, tickMsOf } from "../http2/connection-limits.ts";
import type { Stream } from "../http2/stream.ts";
import { backoffMs } from "./backoff.ts";

/** What reaching one server takes. */
export type ChannelOptions = {
  /** `http://host:port` for cleartext, `https://host:port` for TLS. */
  readonly address: URL;
  /** Authorities, certificate and key as they are now, for TLS. */
  readonly tls: () => tls.ConnectionOptions;
  readonly limits: Limits;
  /** How long connecting takes until the server counts as down; it may go on for five times as long. */
  readonly connectTimeoutMs: number;
  /** Most connections to the server; another is opened when all streams of the others are in use. */
  readonly maxConnections: number;
  /** The server cannot be reached, though it could be before. */
  readonly onDown?: () => void;
};

// A busy server shakes hands late: to begin anew each time would make it busier.
const mostTimeouts = 5;

type Waiting = { resolve(stream: Stream): void; reject(error: ConnectError): void };

/** The connections to one server: opened when needed, shared by all calls, opened again when lost. */
export class Channel {
  readonly authority: string;
  readonly #options: ChannelOptions;
  readonly #connections = new Set<Connection>();
  readonly #waiting = new Set<Waiting>();
  #opening: net.Socket | undefined;
  #failures = 0;
  /** Whether connecting has failed, or takes too long, since it went well last. */
  #isFailing = false;
  #lastError: ConnectError | undefined;
  #retryAt = 0;
  #ticker: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Streams that are open, or waited for. */
  outstanding = 0;
  /** Calls that the server has answered, or begun to. */
  answers = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.authority = options.address.host;
  }

  /** Whether the server could not be reached lately, and has not been since. */
  get isDown(): boolean {
    return this.#isFailing && this.#usable.length === 0;
  }

  /** Tries to reach a server that is down, unless that is under way or was in vain a moment ago. */
  probe(): void {
    if (!this.#isClosed && !this.#isPausing) this.#grow();
  }

  /** Lets the next call try to reach the server, whenever that was tried last. */
  retryNow(): void {
    this.#retryAt = 0;
  }

  /** A stream that can be had at once. */
  tryOpen(): Stream | undefined {
    for (const connection of this.#connections) {
      if (connection.hasRoom) return connection.open();
    }
    return undefined;
  }

  /**
   * A stream, when there is one. Rejects with UNAVAILABLE when the server cannot be reached, and when the
   * caller or the deadline, so many milliseconds from now, ends the call before.
   */
  open(signal: AbortSignal | undefined, timeoutMs: number | undefined): Promise<Stream> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new ConnectError("the transport is closed", Code.Unavailable));
        return;
      }
      if (this.isDown && this.#isPausing && this.#lastError) {
        reject(this.#lastError);
        return;
      }
      const giveUp = (error: ConnectError) => {
        this.#waiting.delete(waiting);
        waiting.reject(error);
      };
      const onAbort = () => giveUp(ConnectError.from(signal?.reason, Code.Canceled));
      const timer = deadlineTimer(timeoutMs, () => giveUp(late()));
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiting: Waiting = {
        resolve: (stream) => {
          settled();
          resolve(stream);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#waiting.add(waiting);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
      this.#grow();
    });
  }

  /** Ends all connections once their calls have ended. */
  close(): void {
    this.#isClosed = true;
    this.#opening?.destroy();
    this.#refuseWaiting(new ConnectError("the transport is closed", Code.Unavailable));
    for (const connection of this.#connections) void connection.drain();
  }

  /** The connections but those that only finish what they have begun. */
  get #usable(): Connection[] {
    return [...this.#connections].filter(({ takesStreams }) => takesStreams);
  }

  get #isPausing(): boolean {
    return this.#retryAt > performance.now();
  }

  #grow(): void {
    if (this.#opening) return;
    const usable = this.#usable;
    if (usable.length >= this.#options.maxConnections) return;
    if (usable.some(({ isNew }) => isNew)) return;
    const { address, connectTimeoutMs } = this.#options;
    const socket = this.#dial();
    this.#opening = socket;
    // Calls that wait go elsewhere; those that cannot come back, and wait on.
    const late = setTimeout(() => this.#giveUp(new Error("it takes too long")), connectTimeoutMs);
    const mostMs = mostTimeouts * connectTimeoutMs;
    const timer = setTimeout(() => socket.destroy(new Error("timed out")), mostMs);
    const onError = (error: Error) => onFail(error);
    const onClose = () => onFail(new Error("closed"));
    const settle = () => {
      clearTimeout(late);
      clearTimeout(timer);
      socket.off("error", onError);
      socket.off("close", onClose);
      this.#opening = undefined;
    };
    const onFail = (error: Error) => {
      settle();
      socket.on("error", () => undefined);
      socket.destroy();
      this.#onFailure(error);
    };
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.once(address.protocol === "https:" ? "secureConnect" : "connect", () => {
      settle();
      this.#onConnected(socket);
    });
  }

  #dial(): net.Socket {
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
    this.#isFailing = false;
    this.#retryAt = 0;
    const connection = new Connection(socket, {
      role: "client",
      limits: this.#options.limits,
      onRoom: () => this.#serve(),
      onClose: () => this.#onLost(connection),
    });
    this.#connections.add(connection);
    this.#ticker ??= setInterval(this.#tick, tickMsOf(this.#options.limits)).unref();
    this.#serve();
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      const stream = this.tryOpen();
      if (!stream) break;
      this.#waiting.delete(waiting);
      waiting.resolve(stream);
    }
    if (this.#waiting.size > 0) this.#grow();
  }

  #onLost(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    if (this.#waiting.size > 0) this.#grow();
  }

  #onFailure(error: Error): void {
    this.#failures += 1;
    this.#giveUp(error);
    this.#retryAt = performance.now() + backoffMs(this.#failures);
  }

  /** Takes the server for down, unless it is still reached by another connection. */
  #giveUp(error: Error): void {
    if (!this.#isFailing) this.#options.onDown?.();
    this.#isFailing = true;
    const message = `${this.authority} cannot be reached`;
    const failure = new ConnectError(message, Code.Unavailable, undefined, undefined, error);
    this.#lastError = failure;
    if (this.#usable.length === 0) this.#refuseWaiting(failure);
  }

  #refuseWaiting(error: ConnectError): void {
    const refused = [...this.#waiting];
    this.#waiting.clear();
    for (const { reject } of refused) reject(error);
  }

  readonly #tick = (): void => {
    const now = performance.now();
    for (const connection of this.#connections) connection.tick(now);
  };
}
