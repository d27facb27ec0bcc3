import { Connection } from "./connection.ts";
import type { ConnectionConfig } from "./connection-config.ts";
import type { PostgresQuery } from "./postgres-client.ts";

/** What a pool of connections is made with. */
export type PoolOptions = {
  /** What `pg_stat_activity` shows; "plaza" unless given. */
  readonly name?: string;
  /** Most connections at once; 4 unless given. Each costs the server a process of a few MB. */
  readonly max?: number;
  /** An idle connection is closed after this long; 30 s unless given. */
  readonly idleMs?: number;
};

type QueuedRequest = {
  /** Whether it wants a connection for itself, for a transaction. */
  readonly exclusive: boolean;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Hands out connections to one database. Single statements share connections and are pipelined on
 * them; a transaction has one to itself. Who cannot be served waits in line. When the last
 * connection is gone and no new one can be had, everyone in line gets that error at once; the next
 * request tries again.
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

  constructor(target: ConnectionConfig, { name = "plaza", max = 4, idleMs = 30_000 }: PoolOptions) {
    this.#config = target;
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

  /** Takes a connection out for a transaction; `release` must follow. */
  acquire(): Promise<Connection> {
    return new Promise((resolve, reject) => this.#enqueue({ exclusive: true, resolve, reject }));
  }

  release(connection: Connection): void {
    this.#exclusive.delete(connection);
    if (this.#exclusive.size === 0) this.#onAllReleased?.();
    this.#serveQueue();
  }

  /** Refuses new work, lets what is under way finish for `timeoutMs`, then cuts it. */
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

  #enqueue(waiting: QueuedRequest): void {
    if (this.#isClosed) {
      waiting.reject(poolClosedError());
      return;
    }
    this.#queue.push(waiting);
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
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (this.#exclusive.has(connection) || connection.isLost) continue;
      if (!best || connection.inFlight < best.inFlight) best = connection;
    }
    return best;
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
      // Nobody tries again here, or a server that is down would be asked in a tight loop.
      if (this.#connections.size === 0) this.#rejectQueue(error);
    }
  }

  #onConnectionChange(connection: Connection): void {
    // One that failed while opening makes no room for others.
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
    for (const waiting of this.#queue.splice(0)) waiting.reject(error);
  }
}

/** Whoever still asks is to look elsewhere, as when the server is gone: this process is stopping. */
const poolClosedError = (): Error =>
  Object.assign(new Error("The database pool has been closed."), { code: "CONNECTION_ENDED" });
