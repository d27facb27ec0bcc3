import type { Connection } from "./connection.ts";
import type { Limits } from "./connection-limits.ts";
import { defaultWindow, errorCode } from "./frames.ts";

/** Watches over the time that a connection and its peer may take. */
export class Timekeeper {
  areSettingsAccepted = false;
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #maxAgeMs: number;
  readonly #startedAt = performance.now();
  #heardAt = this.#startedAt;
  #busyAt = this.#startedAt;
  #pingedAt: number | undefined;
  #leavingAt: number | undefined;
  #readAt = this.#startedAt;
  #sentThen = 0;

  constructor(connection: Connection, limits: Limits) {
    this.#connection = connection;
    this.#limits = limits;
    // By chance, so that connections which began at once do not end at once.
    this.#maxAgeMs = limits.maxAgeMs * (0.9 + 0.2 * Math.random());
  }

  /** The peer has sent something. */
  hear(): void {
    this.#heardAt = performance.now();
    this.#pingedAt = undefined;
  }

  /**
   * Does what it is time for.
   *
   * @param now as `performance.now()` has it
   */
  tick(now: number): void {
    const connection = this.#connection;
    if (connection.streams.size > 0) this.#busyAt = now;
    if (!this.areSettingsAccepted && now - this.#startedAt > this.#limits.handshakeMs) {
      connection.fail(errorCode.settingsTimeout, "the settings were not accepted in time");
    } else if (this.#isUnread(now)) {
      connection.fail(errorCode.enhanceYourCalm, "the answers are not read");
    } else if (this.#isSilent(now)) {
      connection.destroy(new Error("the peer has fallen silent"));
    } else if (connection.isGoingAway) this.#leave(now);
    else if (this.#isSpent(now)) void connection.drain();
  }

  /** Whether the peer has asked for much, and takes less than a window of it in a long time. */
  #isUnread(now: number): boolean {
    const { sender, isServer } = this.#connection;
    const waiting = sender.waiting + sender.queued;
    const taken = sender.sent - this.#sentThen;
    if (waiting <= this.#limits.maxUnreadBytes || taken >= defaultWindow) {
      this.#readAt = now;
      this.#sentThen = sender.sent;
    }
    return isServer && now - this.#readAt > this.#limits.keepaliveTimeoutMs;
  }

  #isSilent(now: number): boolean {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#limits;
    if (this.#pingedAt !== undefined) return now - this.#pingedAt > keepaliveTimeoutMs;
    if (keepaliveMs > 0 && now - this.#heardAt > keepaliveMs) {
      this.#pingedAt = now;
      void this.#connection.ping();
    }
    return false;
  }

  #isSpent(now: number): boolean {
    const { idleMs } = this.#limits;
    const isIdle = idleMs > 0 && now - this.#busyAt > idleMs;
    return isIdle || (this.#maxAgeMs > 0 && now - this.#startedAt > this.#maxAgeMs);
  }

  /** A peer that does not say that it knows of the end is not waited for once its streams have ended. */
  #leave(now: number): void {
    this.#leavingAt ??= now;
    const since = Math.max(this.#leavingAt, this.#busyAt);
    if (now - since > this.#limits.keepaliveTimeoutMs) this.#connection.destroy();
  }
}
