import type { ConnectionOptions } from "node:tls";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Interceptor, StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";
import { Channel } from "./client/channel.ts";
import { withInterceptors } from "./client/interceptors.ts";
import { LoadBalancer, type LoadBalancingPolicy } from "./client/load-balancer.ts";
import { RequestWriter, type RequestWriterOptions } from "./client/request-writer.ts";
import { RetryingCall } from "./client/retrying-call.ts";
import { parseServerAddresses, type ServerAddress } from "./client/server-address.ts";
import { StreamingCall } from "./client/streaming-call.ts";
import { UnaryCall } from "./client/unary-call.ts";
import { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

export type { LoadBalancingPolicy } from "./client/load-balancer.ts";
export { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

/** Options of a transport. */
export type GrpcTransportOptions = {
  /**
   * The server, or several equivalent ones: `http://host:port`, `https://host:port`, or a name in gRPC's syntax, which
   * means TLS when `tls` is given: `host:port`, `dns:///host:port`, `ipv4:address:port`, `ipv6:[address]:port`,
   * `unix:path`.
   */
  readonly address: string | readonly string[];
  /** Authorities, certificate and key for TLS. A function is called at each connect; it must not throw. */
  readonly tls?: ConnectionOptions | (() => ConnectionOptions);
  /** How calls are distributed over several servers; `round_robin` by default. */
  readonly loadBalancingPolicy?: LoadBalancingPolicy;
  /** The largest message in either direction, in bytes after decompression: 4 MiB by default. */
  readonly maxMessageBytes?: number;
  /** Messages of at least this size are compressed with gzip; none by default. */
  readonly compressMinBytes?: number;
  /**
   * How long calls wait for a connection before they fail over to another server: 1 s by default. The
   * connection attempt goes on for five times as long, and calls without another server wait for it.
   */
  readonly connectTimeoutMs?: number;
  /** Maximum number of connections to each server: 4 by default. */
  readonly maxConnections?: number;
  /** Interceptors of every call, the first outermost. */
  readonly interceptors?: Interceptor[];
  /**
   * Limits of each connection; `defaultConnectionLimits` by default, except for `maxIdleMs`, 5 minutes, and
   * `keepaliveIntervalMs`, 0.
   */
  readonly limits?: Partial<ConnectionLimits>;
};

/** A transport for Connect's clients that can be closed. */
export type GrpcTransport = Transport & {
  /** Refuses new calls, and closes the connections once their calls have ended. */
  close(): void;
};

/**
 * Creates a gRPC transport. It connects at the first call, shares connections among calls, and reconnects by
 * itself. A call that was certainly not processed is retried, on another server if there is one. Throws a TypeError
 * on an address that it cannot use.
 */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const hasTls = options.tls !== undefined;
  const addresses = [options.address]
    .flat()
    .flatMap((address) => parseServerAddresses(address, hasTls));
  // When one server goes down, another that was unreachable may be back.
  const onDown = () => {
    for (const channel of channels) channel.resetBackoff();
  };
  const channels = addresses.map((address) => createChannel(address, options, onDown));
  const writerOptions: RequestWriterOptions = {
    scheme: addresses[0]?.isSecure ? "https" : "http",
    maxMessageBytes: options.maxMessageBytes ?? 4 * 1024 * 1024,
    compressMinBytes: options.compressMinBytes ?? Number.POSITIVE_INFINITY,
  };
  const transport = createTransport(
    new LoadBalancer(channels, options.loadBalancingPolicy ?? "round_robin"),
    writerOptions,
  );
  const { interceptors = [] } = options;
  const baseUrl = `${writerOptions.scheme}://${addresses[0]?.authority}`;
  const intercepted =
    interceptors.length > 0 ? withInterceptors(transport, baseUrl, interceptors) : transport;
  return Object.assign(intercepted, {
    close() {
      for (const channel of channels) channel.close();
    },
  });
}

function createTransport(balancer: LoadBalancer, writerOptions: RequestWriterOptions): Transport {
  return {
    unary(method, signal, timeoutMs, header, input) {
      try {
        const writer = new RequestWriter(method, writerOptions, signal, timeoutMs, header);
        writer.encodeSingle(input);
        const retryingCall = new RetryingCall(balancer, signal);
        return new UnaryCall(method, retryingCall, writer).run() as Promise<
          UnaryResponse<typeof method.input, typeof method.output>
        >;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async stream(method, signal, timeoutMs, header, input) {
      const writer = new RequestWriter(method, writerOptions, signal, timeoutMs, header);
      const retryingCall = new RetryingCall(balancer, signal);
      const messages = input as AsyncIterable<never>;
      return new StreamingCall(method, retryingCall, writer, messages).run() as Promise<
        StreamResponse<DescMessage & typeof method.input, typeof method.output>
      >;
    },
  };
}

function createChannel(
  address: ServerAddress,
  options: GrpcTransportOptions,
  onDown: () => void,
): Channel {
  const { tls } = options;
  return new Channel({
    address,
    onDown,
    tls: typeof tls === "function" ? tls : () => tls ?? {},
    limits: {
      ...defaultConnectionLimits,
      maxIdleMs: 5 * 60_000,
      keepaliveIntervalMs: 0,
      ...options.limits,
    },
    connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
    maxConnections: options.maxConnections ?? 4,
  });
}
