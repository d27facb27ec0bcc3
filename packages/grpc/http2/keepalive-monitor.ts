import type { Http2Connection } from "./connection.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { defaultWindowBytes, errorCode } from "./frames.ts";

/** Watches over the time that a connection and its peer may take. */
export class KeepaliveMonitor {
  areSettingsAcknowledged = false;
  readonly #connection: Http2Connection;
  readonly #limits: ConnectionLimits;
  readonly #maxAgeMs: number;
  readonly #startedAt = performance.now();
  #receivedAt = this.#startedAt;
  #lastActiveAt = this.#startedAt;
  #pingedAt: number | undefined;
  #goingAwaySince: number | undefined;
  #lastDrainedAt = this.#startedAt;
  #sentBytesAtDrain = 0;

  constructor(connection: Http2Connection, limits: ConnectionLimits) {
    this.#connection = connection;
    this.#limits = limits;
    // By chance, so that connections which began at once do not end at once.
    this.#maxAgeMs = limits.maxAgeMs * (0.9 + 0.2 * Math.random());
  }

  /** The peer has sent something. */
  onReceive(): void {
    this.#receivedAt = performance.now();
    this.#pingedAt = undefined;
  }

  /**
   * Does what it is time for.
   *
   * @param now as `performance.now()` has it
   */
  check(now: number): void {
    const connection = this.#connection;
    if (connection.streams.size > 0) this.#lastActiveAt = now;
    if (!this.areSettingsAcknowledged && now - this.#startedAt > this.#limits.handshakeTimeoutMs) {
      connection.fail(errorCode.settingsTimeout, "the settings were not accepted in time");
    } else if (this.#isReaderSlow(now)) {
      connection.fail(errorCode.enhanceYourCalm, "the answers are not read");
    } else if (this.#isKeepaliveOverdue(now)) {
      connection.destroy(new Error("the peer has fallen silent"));
    } else if (connection.isGoingAway) this.#enforceDrainGrace(now);
    else if (this.#isIdleOrTooOld(now)) void connection.drain();
  }

  /** Whether the peer has asked for much, and takes less than a window of it in a long time. */
  #isReaderSlow(now: number): boolean {
    const { sender, isServer } = this.#connection;
    const waiting = sender.pendingBytes + sender.queuedBytes;
    const taken = sender.sentDataBytes - this.#sentBytesAtDrain;
    if (waiting <= this.#limits.maxUnsentBytes || taken >= defaultWindowBytes) {
      this.#lastDrainedAt = now;
      this.#sentBytesAtDrain = sender.sentDataBytes;
    }
    return isServer && now - this.#lastDrainedAt > this.#limits.keepaliveTimeoutMs;
  }

  #isKeepaliveOverdue(now: number): boolean {
    const { keepaliveIntervalMs, keepaliveTimeoutMs } = this.#limits;
    if (this.#pingedAt !== undefined) return now - this.#pingedAt > keepaliveTimeoutMs;
    if (keepaliveIntervalMs > 0 && now - this.#receivedAt > keepaliveIntervalMs) {
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

  /** A peer that does not say that it knows of the end is not waited for once its streams have ended. */
  #enforceDrainGrace(now: number): void {
    this.#goingAwaySince ??= now;
    const since = Math.max(this.#goingAwaySince, this.#lastActiveAt);
    if (now - since > this.#limits.keepaliveTimeoutMs) this.#connection.destroy();
  }
}
