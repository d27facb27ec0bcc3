import type { ServerOptions as Http1Options } from "node:http";
import type { ServerOptions } from "@plaza/grpc/server";

/** The largest body of a REST request, and the largest message of an RPC or a stream, in bytes. */
export const maxBodyBytes = 1024 * 1024;

/** Timeout of a call whose caller sets no deadline, and the longest that a caller may set. */
export const defaultCallTimeoutMs = 15_000;
export const maxCallTimeoutMs = 60_000;

/**
 * The longest that a stream may last. Below the nine minutes for which its access token is valid, so that
 * the stream ends before its token: a browser is answered "the session has ended" only when it has.
 */
export const maxStreamDurationMs = 8 * 60_000;

/**
 * Calls, streams left out, that one network may have open at once: as many as it may make in a second, but no
 * fewer than a page with all its parts and windows.
 */
export function maxCallsPerNetwork(requestsPerSecond: number): number {
  return requestsPerSecond === 0 ? 0 : Math.max(32, requestsPerSecond);
}

/** Streams that one caller may have open at once. */
export const maxStreamsPerCaller = 32;

/** Time in which a new connection must send enough for its protocol to be detected. */
export const protocolDetectionTimeoutMs = 10_000;

/**
 * Connections that the system keeps until they are accepted. Of Node's 511, a few hundred people who come back at
 * once fill all while the process is busy, and who is left out tries again a second later.
 */
export const maxPendingConnections = 4_096;

/**
 * Time in which a request must arrive, from its first byte to the end of its body. Over HTTP/1.1 that holds
 * for streams of requests too, since Node has no other timer for them; over gRPC they count as streams.
 */
export const requestTimeoutMs = 30_000;

/** Idle time after which an HTTP/2 connection or a stalled response is closed. */
export const idleTimeoutMs = 2 * 60_000;

/** The largest picture of another site that is loaded, in bytes, and the time in which it must arrive. */
export const maxPictureBytes = 10 * 1024 * 1024;
export const pictureTimeoutMs = 10_000;

/** Loaded pictures that are cached in memory, in bytes: some 300 large ones. */
export const maxCachedPictureBytes = 32 * 1024 * 1024;

/** Time that calls in flight have to end once the gateway is closing. */
export const shutdownGraceMs = 10_000;

const maxHeaderBytes = 16 * 1024;

/** Limits of HTTP/1.1 connections; the headers must arrive within the time for detecting the protocol. */
export function http1Limits(headersTimeoutMs = protocolDetectionTimeoutMs): Http1Options {
  return {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: headersTimeoutMs / 10,
    // Above the 60 s after which common balancers drop an idle connection, so that they close it first.
    keepAliveTimeout: 72_000,
    requireHostHeader: true,
    insecureHTTPParser: false,
  };
}

/** Limits of HTTP/2 connections and of the gRPC calls on them. */
export const grpcLimits: Pick<ServerOptions, "limits" | "maxMessageBytes" | "maxRequestBytes"> = {
  maxRequestBytes: maxBodyBytes,
  maxMessageBytes: 16 * maxBodyBytes,
  limits: {
    maxConcurrentStreams: 250,
    maxHeaderListBytes: maxHeaderBytes,
    maxBufferedBytes: 16 * maxBodyBytes,
    requestTimeoutMs: requestTimeoutMs,
    maxIdleMs: idleTimeoutMs,
  },
};
