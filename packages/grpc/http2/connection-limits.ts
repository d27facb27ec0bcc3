/**
 * What a peer may ask of a connection. Every limit has a default that suits a service in production; a
 * peer that goes beyond is cut off, in the way that RFC 9113 has for it.
 */
export type Limits = {
  /** Streams that the peer may have open at once: 1,000. */
  readonly maxConcurrentStreams: number;
  /** Bytes of a header list, as RFC 9113, section 6.5.2 counts them: 16 KiB. */
  readonly maxHeaderListBytes: number;
  /** CONTINUATION frames of one header block: 8. */
  readonly maxContinuations: number;
  /**
   * Bytes that lie on a connection, received but not yet taken by a handler: 64 MiB. With as many waiting
   * to be sent, no new stream is taken.
   */
  readonly maxBufferedBytes: number;
  /** Bytes that wait for a peer which asks much and reads nothing, beside messages: 1 MiB. */
  readonly maxUnreadBytes: number;
  /** How long the peer may take to say hello and to accept our settings: 10 s. */
  readonly handshakeMs: number;
  /**
   * How long a request may take to arrive, from its headers to its end: 30 s; 0 for ever. Then its call
   * ends, DEADLINE_EXCEEDED. It holds for methods that take one request, whose handlers run only when that is
   * there; the others answer for their streams themselves.
   */
  readonly requestMs: number;
  /** How long a connection may be without a stream before it is closed: 30 min; 0 for ever. */
  readonly idleMs: number;
  /** How old a connection may become, give or take a tenth, before it is drained: 0 for ever. */
  readonly maxAgeMs: number;
  /** Silence after which the peer is pinged: 30 s; 0 never. */
  readonly keepaliveMs: number;
  /**
   * How long an answer to that may take: 20 s. Also, how long a client may take less than 64 KiB of its
   * answers while more than `maxUnreadBytes` of them wait.
   */
  readonly keepaliveTimeoutMs: number;
};

export const defaultLimits: Limits = {
  maxConcurrentStreams: 1_000,
  maxHeaderListBytes: 16 * 1024,
  maxContinuations: 8,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxUnreadBytes: 1024 * 1024,
  handshakeMs: 10_000,
  requestMs: 30_000,
  idleMs: 30 * 60_000,
  maxAgeMs: 0,
  keepaliveMs: 30_000,
  keepaliveTimeoutMs: 20_000,
};

/** How often to look after a connection so that these limits hold: in milliseconds, 1,000 at most. */
export function tickMsOf(limits: Limits): number {
  const { handshakeMs, requestMs, idleMs, maxAgeMs, keepaliveMs, keepaliveTimeoutMs } = limits;
  const times = [handshakeMs, requestMs, idleMs, maxAgeMs, keepaliveMs, keepaliveTimeoutMs];
  return Math.min(1_000, ...times.filter((ms) => ms > 0).map((ms) => ms / 4));
}
