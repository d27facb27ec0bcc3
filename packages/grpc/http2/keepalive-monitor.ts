import type { ConnectionLimits } from "./connection-limits.ts";
import type { FrameSender } from "./frame-sender.ts";
import { errorCode } from "./frames.ts";
import { SendProgress } from "./send-progress.ts";
import type { StreamTable } from "./stream-table.ts";

/** What the monitor reads of a connection, and how it ends one. */
export type MonitoredConnection = {
  readonly isServer: boolean;
  readonly isGoingAway: boolean;
  readonly streams: StreamTable;
  readonly sender: FrameSender;
  ping(): Promise<void>;
  drain(): Promise<void>;
  fail(code: number, message: string): void;
  destroy(reason?: Error): void;
};

/** Enforces the time limits of a connection: handshake, keepalive, idle, age. */
export class KeepaliveMonitor {
  areSettingsAcknowledged = false;
  readonly #connection: MonitoredConnection;
  readonly #limits: ConnectionLimits;
  readonly #maxAgeMs: number;
  readonly #startedAt = performance.now();
  #receivedAt = this.#startedAt;
  #lastActiveAt = this.#startedAt;
  #pingedAt: number | undefined;
  #goingAwaySince: number | undefined;
  readonly sendProgress: SendProgress;

  constructor(connection: MonitoredConnection, limits: ConnectionLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.sendProgress = new SendProgress(limits.maxUnsentBytes, this.#startedAt);
    // Random, so that connections which began together do not end together.
    this.#maxAgeMs = limits.maxAgeMs * (0.9 + 0.2 * Math.random());
  }

  /** The peer has sent bytes. */
  onReceive(): void {
    this.#receivedAt = performance.now();
    this.#pingedAt = undefined;
  }

  /**
   * Checks SETTINGS acknowledgement, slow reader, keepalive, GOAWAY grace, idle time and age.
   *
   * @param now of `performance.now()`
   */
  check(now: number): void {
    const connection = this.#connection;
    if (connection.streams.size > 0) this.#lastActiveAt = now;
    if (!this.areSettingsAcknowledged && now - this.#startedAt > this.#limits.handshakeTimeoutMs) {
      connection.fail(errorCode.settingsTimeout, "the settings were not accepted in time");
    } else if (this.#isReaderSlow(now)) {
      connection.fail(errorCode.enhanceYourCalm, "the answers are not read");
    } else if (this.#isKeepaliveOverdue(now)) {
      connection.destroy(new Error("the peer does not answer PING"));
    } else if (connection.isGoingAway) this.#enforceDrainGrace(now);
    else if (this.#isIdleOrTooOld(now)) void connection.drain();
  }

  /** Whether the peer has taken too little for the keepalive timeout while much is queued. */
  #isReaderSlow(now: number): boolean {
    const { sender, isServer } = this.#connection;
    this.sendProgress.record(sender.pendingBytes + sender.queuedBytes, sender.sentDataBytes, now);
    return isServer && this.sendProgress.stalledOverLimitMs(now) > this.#limits.keepaliveTimeoutMs;
  }

  #isKeepaliveOverdue(now: number): boolean {
    const { keepaliveIntervalMs, keepaliveTimeoutMs } = this.#limits;
    if (this.#pingedAt !== undefined) return now - this.#pingedAt > keepaliveTimeoutMs;
    const { isServer, streams } = this.#connection;
    // gRFC A8: servers take PINGs of clients without calls for an attack.
    const isApplicable = keepaliveIntervalMs > 0 && (isServer || streams.size > 0);
    if (isApplicable && now - this.#receivedAt > keepaliveIntervalMs) {
      this.#pingedAt = now;
      void this.#connection.ping();
    }
    return false;
  }

  #isIdleOrTooOld(now: number): boolean {
    const { maxIdleMs } = this.#limits;
    const isIdle = maxIdleMs > 0 && now - this.#lastActiveAt > maxIdleMs;
    return isIdle || (this.#maxAgeMs > 0 && now - this.#startedAt > this.#maxAgeMs);
  }

  /** Closes a connection whose peer ignores GOAWAY, once its streams have ended. */
  #enforceDrainGrace(now: number): void {
    this.#goingAwaySince ??= now;
    const since = Math.max(this.#goingAwaySince, this.#lastActiveAt);
    if (now - since > this.#limits.keepaliveTimeoutMs) this.#connection.destroy();
  }
}
