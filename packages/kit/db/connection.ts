import net from "node:net";
import postgres from "postgres";
import { OperatorError } from "../errors/operator-error.ts";
import type { ConnectionConfig } from "./connection-config.ts";
import { ConnectionLostError, isUnavailable } from "./errors.ts";
import {
  createPostgresClient,
  type PostgresClient,
  type PostgresQuery,
} from "./postgres-client.ts";

const connectTimeoutMs = 10_000;

/**
 * One connection to the server: a postgres.js client with a single socket, which is never reused after the
 * socket is lost.
 *
 * postgres.js 3.4.9 reconnects by itself, which is unsafe: it may crash the process by writing to a closed
 * socket, keep bytes of an old query that make the next connection hang, and run the rest of a broken
 * transaction outside any transaction (porsager/postgres #1154, #1208, #1215, #1216).
 */
export class Connection {
  readonly #client: PostgresClient;
  readonly #send: (query: PostgresQuery) => void;
  readonly #inFlight = new Set<PostgresQuery>();
  readonly #onChange: (connection: Connection) => void;
  #socket: net.Socket | undefined;
  #lost: Error | undefined;
  idleSince = performance.now();

  /**
   * Connects, authenticates and checks the server's durability settings. Rejects with the system's or
   * PostgreSQL's error, or with an OperatorError when the settings are unsafe. Calls `onChange` when the
   * connection becomes idle and when it is lost, `onNotify` for each notification it receives.
   */
  static async open(
    config: ConnectionConfig,
    name: string,
    onChange: (connection: Connection) => void,
    onNotify?: (channel: string, text: string) => void,
  ): Promise<Connection> {
    const connection = new Connection(config, name, onChange, onNotify);
    await connection.#assertSettings();
    return connection;
  }

  private constructor(
    config: ConnectionConfig,
    name: string,
    onChange: (connection: Connection) => void,
    onNotify?: (channel: string, text: string) => void,
  ) {
    this.#onChange = onChange;
    this.#client = createPostgresClient(config, name, {
      max: 1,
      // Saves a query on each connection; type-codecs.ts lists the types instead.
      fetch_types: false,
      max_lifetime: null,
      connect_timeout: connectTimeoutMs / 1000,
      socket: () => this.#dial(config),
      onclose: () => this.#onLost(undefined),
      ...(onNotify && { onnotify: onNotify }),
    });
    this.#send = (this.#client`` as unknown as PostgresQuery).handler;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Number of statements in flight. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Pipelines a query behind those in flight. It settles exactly once, also when the connection is lost. */
  run(query: PostgresQuery): void {
    if (this.#lost) {
      query.reject(this.#lost);
      return;
    }
    const { resolve, reject } = query;
    query.resolve = (rows) => {
      resolve(rows);
      this.#settle(query);
    };
    query.reject = (error) => {
      reject(
        error instanceof Error && isConnectionError(error) ? new ConnectionLostError(error) : error,
      );
      this.#settle(query);
      // Any other error may mean that the driver no longer knows which response belongs to which query.
      if (!(error instanceof postgres.PostgresError)) this.#onLost(error);
    };
    this.#inFlight.add(query);
    this.#send(query);
  }

  /** Closes gracefully; after `timeoutMs` the socket is destroyed. */
  async close(timeoutMs: number): Promise<void> {
    const ended = this.#client.end({ timeout: timeoutMs / 1000 });
    this.#lost ??= new ConnectionLostError(undefined);
    await ended;
    this.#onLost(undefined);
  }

  #settle(query: PostgresQuery): void {
    if (!this.#inFlight.delete(query) || this.#inFlight.size > 0) return;
    this.idleSince = performance.now();
    // Outside the driver's callback.
    queueMicrotask(() => this.#onChange(this));
  }

  #onLost(cause: unknown): void {
    this.#socket?.destroy();
    this.#lost ??= new ConnectionLostError(cause);
    const failed = [...this.#inFlight];
    this.#inFlight.clear();
    for (const query of failed) query.reject(this.#lost);
    queueMicrotask(() => this.#onChange(this));
  }

  async #dial(config: ConnectionConfig): Promise<net.Socket> {
    if (this.#socket) throw new ConnectionLostError(undefined);
    const { host, port } = config;
    this.#socket = host.startsWith("/")
      ? net.connect(`${host}/.s.PGSQL.${port}`)
      : net.connect({ host, port, noDelay: true });
    // postgres.js takes the server name of TLS from this property.
    Object.assign(this.#socket, { host });
    await waitForConnect(this.#socket);
    return this.#socket;
  }

  async #assertSettings(): Promise<void> {
    const [{ encoding, ...settings } = {}] = await this.#client<Record<string, string>[]>`
      select current_setting('server_encoding') as encoding,
             current_setting('fsync') as fsync,
             current_setting('full_page_writes') as full_page_writes,
             current_setting('synchronous_commit') as synchronous_commit`;
    if (encoding !== "UTF8") {
      await this.close(0);
      throw new OperatorError(
        `The PostgreSQL database has the encoding ${encoding}, which cannot store all characters; create it with the encoding UTF8.`,
      );
    }
    const off = Object.keys(settings).filter((name) => settings[name] === "off");
    if (off.length === 0) return;
    await this.close(0);
    const names = off.map(postgres.fromCamel).join(" and ");
    throw new OperatorError(
      `The PostgreSQL server can lose committed data because ${names} is off; turn it on.`,
    );
  }
}

function waitForConnect(socket: net.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("connect timed out"), { code: "CONNECT_TIMEOUT" }));
    }, connectTimeoutMs);
    socket.once("error", reject);
    socket.once("connect", resolve);
    socket.once("error", () => clearTimeout(timer));
    socket.once("connect", () => clearTimeout(timer));
  });
}

const isConnectionError = (error: Error): boolean =>
  !(error instanceof postgres.PostgresError) && isUnavailable(error);
