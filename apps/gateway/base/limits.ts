import type { ServerOptions as Http1Options } from "node:http";
import type { ServerOptions } from "@plaza/grpc/server";

/** The largest body of a REST request, and the largest message of an RPC or a stream, in bytes. */
export const maxBodyBytes = 1024 * 1024;

/** How long a call may take when its caller names no deadline, and at the most, in milliseconds. */
export const defaultCallTimeoutMs = 15_000;
export const maxCallTimeoutMs = 60_000;

/**
 * How long a stream may last, whatever its caller asks for, in milliseconds. Less than the nine minutes
 * for which the access token is good that it goes on with, so that a browser is told that its session has
 * ended only when it has.
 */
export const maxStreamDurationMs = 8 * 60_000;

/** How many streams one caller may have open at once. */
export const maxStreamsPerCaller = 32;

/** How long a connection may take to say which protocol it speaks, in milliseconds. */
export const protocolDetectionTimeoutMs = 10_000;

/**
 * How long a request may take to arrive, from its first byte to the last of its body: over HTTP/1.1 one
 * of many messages too, since its server has no other clock for these. Over gRPC they are calls that have
 * begun, and are counted as streams.
 */
export const requestTimeoutMs = 30_000;

/** How long a connection may lie still in the middle of an answer or between HTTP/2 streams. */
export const idleTimeoutMs = 2 * 60_000;

/** How long calls in flight may go on once the gateway is closing. */
export const shutdownGraceMs = 10_000;

const maxHeaderBytes = 16 * 1024;

/** Limits of HTTP/1.1 connections. */
export const http1Limits: Http1Options = {
  maxHeaderSize: maxHeaderBytes,
  headersTimeout: protocolDetectionTimeoutMs,
  requestTimeout: requestTimeoutMs,
  connectionsCheckingInterval: 1_000,
  // Above the 60 s after which common balancers drop an idle connection, so that they do it first.
  keepAliveTimeout: 72_000,
  requireHostHeader: true,
  insecureHTTPParser: false,
};

/** Limits of HTTP/2 connections, and of the calls of gRPC on them. */
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
