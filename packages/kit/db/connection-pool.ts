import { Connection } from "./connection.ts";
import type { ConnectionConfig } from "./connection-config.ts";
import type { PostgresQuery } from "./postgres-client.ts";

/** Options of a connection pool. */
export type PoolOptions = {
  /** The application_name in `pg_stat_activity`; "plaza" by default. */
  readonly name?: string;
  /** Maximum number of connections; 4 by default. Each costs the server a process of a few MB. */
  readonly max?: number;
  /** How long a connection may be idle before it is closed, in milliseconds; 30 s by default. */
  readonly idleMs?: number;
};

type QueuedRequest = {
  /** Needs a connection of its own, for a transaction. */
  readonly exclusive: boolean;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Connection pool of one database. Single statements are pipelined on shared connections; a transaction has
 * exclusive use of one. Requests queue in FIFO order. When no connection is left and none can be opened, all
 * queued requests are rejected with that error; the next request tries again.
 */
export class ConnectionPool {
  readonly #config: ConnectionConfig;
  readonly #name: string;
  readonly #max: number;
  readonly #idleMs: number;
  readonly #connections = new Set<Connection>();
  readonly #exclusive = new Set<Connection>();
  readonly #queue: QueuedRequest[] = [];
  readonly #pendingOpens = new Set<Promise<void>>();
  #isClosed = false;
  #onAllReleased: (() => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(config: ConnectionConfig, { name = "plaza", max = 4, idleMs = 30_000 }: PoolOptions) {
    this.#config = config;
    this.#name = name;
    this.#max = max;
    this.#idleMs = idleMs;
  }

  /** Runs one statement on a shared connection. */
  run(query: PostgresQuery): void {
    this.#enqueue({
      exclusive: false,
      resolve: (connection) => connection.run(query),
      reject: (error) => query.reject(error),
    });
  }

  /** Acquires a connection for a transaction; call `release` afterwards. */
  acquire(): Promise<Connection> {
    return new Promise((resolve, reject) => this.#enqueue({ exclusive: true, resolve, reject }));
  }

  release(connection: Connection): void {
    this.#exclusive.delete(connection);
    if (this.#exclusive.size === 0) this.#onAllReleased?.();
    this.#serveQueue();
  }

  /** Rejects new requests, waits up to `timeoutMs` for running ones, then closes the connections. */
  async end(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    this.#rejectQueue(poolClosedError());
    await Promise.all(this.#pendingOpens);
    clearInterval(this.#idleTimer);
    await this.#allReleased(timeoutMs);
    await Promise.all(Array.from(this.#connections, (connection) => connection.close(timeoutMs)));
  }

  #allReleased(timeoutMs: number): Promise<void> {
    if (this.#exclusive.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onAllReleased = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #enqueue(request: QueuedRequest): void {
    if (this.#isClosed) {
      request.reject(poolClosedError());
      return;
    }
    this.#queue.push(request);
    this.#serveQueue();
  }

  #serveQueue(): void {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const connection = this.#leastLoaded();
      const isIdle = connection?.inFlight === 0;
      if (!isIdle) this.#openIfBelowMax();
      if (!connection || (next.exclusive && !isIdle)) return;
      this.#queue.shift();
      if (next.exclusive) this.#exclusive.add(connection);
      next.resolve(connection);
    }
  }

  #leastLoaded(): Connection | undefined {
    let leastLoaded: Connection | undefined;
    for (const connection of this.#connections) {
      if (this.#exclusive.has(connection) || connection.isLost) continue;
      if (!leastLoaded || connection.inFlight < leastLoaded.inFlight) leastLoaded = connection;
    }
    return leastLoaded;
  }

  #openIfBelowMax(): void {
    if (this.#connections.size + this.#pendingOpens.size >= this.#max) return;
    const opening = this.#open().finally(() => this.#pendingOpens.delete(opening));
    this.#pendingOpens.add(opening);
  }

  async #open(): Promise<void> {
    try {
      const connection = await Connection.open(this.#config, this.#name, (c) =>
        this.#onConnectionChange(c),
      );
      this.#connections.add(connection);
      this.#idleTimer ??= setInterval(() => this.#closeIdle(), this.#idleMs / 2).unref();
      this.#serveQueue();
    } catch (error) {
      // No retry here: a loop would hammer a server that is down.
      if (this.#connections.size === 0) this.#rejectQueue(error);
    }
  }

  #onConnectionChange(connection: Connection): void {
    // A connection that failed to open frees no slot.
    if (!this.#connections.has(connection)) return;
    if (connection.isLost) this.#connections.delete(connection);
    this.#serveQueue();
  }

  #closeIdle(): void {
    const since = performance.now() - this.#idleMs;
    for (const connection of this.#connections) {
      if (connection.inFlight > 0 || this.#exclusive.has(connection)) continue;
      if (connection.idleSince < since) void connection.close(1000);
    }
  }

  #rejectQueue(error: unknown): void {
    for (const request of this.#queue.splice(0)) request.reject(error);
  }
}

/** Counts as unavailable, so that callers try another process: this one is stopping. */
const poolClosedError = (): Error =>
  Object.assign(new Error("The database pool has been closed."), { code: "CONNECTION_ENDED" });
