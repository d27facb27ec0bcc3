/**
 * Limits of one connection. A peer that exceeds one is refused, or disconnected with the error RFC 9113 names.
 */
export type ConnectionLimits = {
  /** Concurrent streams of the peer: 1,000. */
  readonly maxConcurrentStreams: number;
  /** Size of a header list, as RFC 9113, section 6.5.2 counts it: 16 KiB. */
  readonly maxHeaderListBytes: number;
  /** CONTINUATION frames of one header block: 8. */
  readonly maxContinuations: number;
  /**
   * Received bytes of a connection that no handler has read: 64 MiB. With as many queued for sending, new
   * streams are refused.
   */
  readonly maxBufferedBytes: number;
  /** Sent bytes, besides messages, that the peer has not read: 1 MiB. */
  readonly maxUnsentBytes: number;
  /** Time for the TLS handshake, and for the peer to acknowledge our SETTINGS: 10 s. */
  readonly handshakeTimeoutMs: number;
  /**
   * Time for a request to arrive, from its headers to its end: 30 s; 0 for no limit. Then its call ends with
   * DEADLINE_EXCEEDED. It applies to methods that take one request, whose handlers run once it is complete;
   * the handlers of the others watch over their streams themselves.
   */
  readonly requestTimeoutMs: number;
  /** Time without a stream after which a connection is closed: 30 min; 0 for no limit. */
  readonly maxIdleMs: number;
  /** Age at which a connection is drained, with a jitter of 10 %: 0, no limit. */
  readonly maxAgeMs: number;
  /**
   * Time without received bytes after which the peer gets a PING: 30 s for a server; 0, for never, is a client's
   * default, since servers permit PINGs of clients only by agreement (gRFC A8). A client sends none while it has no
   * calls, and doubles the time when a server finds its PINGs too many.
   */
  readonly keepaliveIntervalMs: number;
  /**
   * Time to acknowledge that PING: 20 s. Also the time in which a client must read 64 KiB of its responses, and
   * a 64th of those that are queued, while more than `maxUnsentBytes` of them are.
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

/** How often a connection must be checked to enforce these limits, in milliseconds: at most 1,000. */
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
