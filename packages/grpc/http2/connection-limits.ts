/**
 * What a peer may ask of a connection. Every limit has a default that suits a service in production; a
 * peer that goes beyond is cut off, in the way that RFC 9113 has for it.
 */
export type ConnectionLimits = {
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
  readonly maxUnsentBytes: number;
  /** How long the peer may take to say hello and to accept our settings: 10 s. */
  readonly handshakeTimeoutMs: number;
  /**
   * How long a request may take to arrive, from its headers to its end: 30 s; 0 for ever. Then its call
   * ends, DEADLINE_EXCEEDED. It holds for methods that take one request, whose handlers run only when that is
   * there; the others answer for their streams themselves.
   */
  readonly requestTimeoutMs: number;
  /** How long a connection may be without a stream before it is closed: 30 min; 0 for ever. */
  readonly maxIdleMs: number;
  /** How old a connection may become, give or take a tenth, before it is drained: 0 for ever. */
  readonly maxAgeMs: number;
  /** Silence after which the peer is pinged: 30 s; 0 never. */
  readonly keepaliveIntervalMs: number;
  /**
   * How long an answer to that may take: 20 s. Also, how long a client may take less than 64 KiB of its
   * answers while more than `maxUnreadBytes` of them wait.
   */
  readonly keepaliveTimeoutMs: number;
};

export const defaultConnectionLimits: ConnectionLimits = {
  maxConcurrentStreams: 1_000,
  maxHeaderListBytes: 16 * 1024,
  maxContinuations: 8,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxUnsentBytes: 1024 * 1024,
  handshakeTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  maxIdleMs: 30 * 60_000,
  maxAgeMs: 0,
  keepaliveIntervalMs: 30_000,
  keepaliveTimeoutMs: 20_000,
};

/** How often to look after a connection so that these limits hold: in milliseconds, 1,000 at most. */
export function checkIntervalMs(limits: ConnectionLimits): number {
  const {
    handshakeTimeoutMs,
    requestTimeoutMs,
    maxIdleMs,
    maxAgeMs,
    keepaliveIntervalMs,
    keepaliveTimeoutMs,
  } = limits;
  const times = [
    handshakeTimeoutMs,
    requestTimeoutMs,
    maxIdleMs,
    maxAgeMs,
    keepaliveIntervalMs,
    keepaliveTimeoutMs,
  ];
  return Math.min(1_000, ...times.filter((ms) => ms > 0).map((ms) => ms / 4));
}
