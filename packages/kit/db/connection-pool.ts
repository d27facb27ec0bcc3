import { Connection } from "./connection.ts";
import type { Target } from "./connection-config.ts";
import type { Query } from "./postgres-client.ts";

/** What a pool of connections is made with. */
export type PoolOptions = {
  /** What `pg_stat_activity` shows; "plaza" unless given. */
  readonly name?: string;
  /** Most connections at once; 4 unless given. Each costs the server a process of a few MB. */
  readonly max?: number;
  /** An idle connection is closed after this long; 30 s unless given. */
  readonly idleMs?: number;
};

type Waiting = {
  /** Whether it wants a connection for itself, for a transaction. */
  readonly exclusive: boolean;
  readonly grant: (connection: Connection) => void;
  readonly refuse: (error: unknown) => void;
};

/**
 * Hands out connections to one database. Single statements share connections and are pipelined on
 * them; a transaction has one to itself. Who cannot be served waits in line. When the last
 * connection is gone and no new one can be had, everyone in line gets that error at once; the next
 * request tries again.
 */
export class ConnectionPool {
  readonly #target: Target;
  readonly #name: string;
  readonly #max: number;
  readonly #idleMs: number;
  readonly #connections = new Set<Connection>();
  readonly #taken = new Set<Connection>();
  readonly #waiting: Waiting[] = [];
  readonly #opening = new Set<Promise<void>>();
  #ended = false;
  #onAllReleased: (() => void) | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(target: Target, { name = "plaza", max = 4, idleMs = 30_000 }: PoolOptions) {
    this.#target = target;
    this.#name = name;
    this.#max = max;
    this.#idleMs = idleMs;
  }

  /** Runs one statement on a shared connection. */
  run(query: Query): void {
    this.#enqueue({
      exclusive: false,
      grant: (connection) => connection.run(query),
      refuse: (error) => query.reject(error),
    });
  }

  /** Takes a connection out for a transaction; `release` must follow. */
  acquire(): Promise<Connection> {
    return new Promise((grant, refuse) => this.#enqueue({ exclusive: true, grant, refuse }));
  }

  release(connection: Connection): void {
    this.#taken.delete(connection);
    if (this.#taken.size === 0) this.#onAllReleased?.();
    this.#serve();
  }

  /** Refuses new work, lets what is under way finish for `timeoutMs`, then cuts it. */
  async end(timeoutMs: number): Promise<void> {
    this.#ended = true;
    this.#refuseWaiting(ended());
    await Promise.all(this.#opening);
    clearInterval(this.#sweeper);
    await this.#allReleased(timeoutMs);
    await Promise.all(Array.from(this.#connections, (connection) => connection.close(timeoutMs)));
  }

  #allReleased(timeoutMs: number): Promise<void> {
    if (this.#taken.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onAllReleased = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #enqueue(waiting: Waiting): void {
    if (this.#ended) {
      waiting.refuse(ended());
      return;
    }
    this.#waiting.push(waiting);
    this.#serve();
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const connection = this.#leastLoaded();
      const isIdle = connection?.load === 0;
      if (!isIdle) this.#grow();
      if (!connection || (next.exclusive && !isIdle)) return;
      this.#waiting.shift();
      if (next.exclusive) this.#taken.add(connection);
      next.grant(connection);
    }
  }

  #leastLoaded(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (this.#taken.has(connection) || connection.isLost) continue;
      if (!best || connection.load < best.load) best = connection;
    }
    return best;
  }

  #grow(): void {
    if (this.#connections.size + this.#opening.size >= this.#max) return;
    const opening = this.#open().finally(() => this.#opening.delete(opening));
    this.#opening.add(opening);
  }

  async #open(): Promise<void> {
    try {
      const connection = await Connection.open(this.#target, this.#name, (c) => this.#changed(c));
      this.#connections.add(connection);
      this.#sweeper ??= setInterval(() => this.#sweep(), this.#idleMs / 2).unref();
      this.#serve();
    } catch (error) {
      // Nobody tries again here, or a server that is down would be asked in a tight loop.
      if (this.#connections.size === 0) this.#refuseWaiting(error);
    }
  }

  #changed(connection: Connection): void {
    // One that failed while opening makes no room for others.
    if (!this.#connections.has(connection)) return;
    if (connection.isLost) this.#connections.delete(connection);
    this.#serve();
  }

  #sweep(): void {
    const since = performance.now() - this.#idleMs;
    for (const connection of this.#connections) {
      if (connection.load > 0 || this.#taken.has(connection)) continue;
      if (connection.idleSince < since) void connection.close(1000);
    }
  }

  #refuseWaiting(error: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(error);
  }
}

/** Whoever still asks is to look elsewhere, as when the server is gone: this process is stopping. */
const ended = (): Error =>
  Object.assign(new Error("The database pool has been closed."), { code: "CONNECTION_ENDED" });
