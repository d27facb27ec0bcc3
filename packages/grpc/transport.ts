import type { ConnectionOptions } from "node:tls";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Interceptor, StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";
import { Channel } from "./client/channel.ts";
import { withInterceptors } from "./client/interceptors.ts";
import { LoadBalancer, type LoadBalancingPolicy } from "./client/load-balancer.ts";
import { RequestWriter, type RequestWriterOptions } from "./client/request-writer.ts";
import { RetryBudget } from "./client/retry-budget.ts";
import { RetryingCall } from "./client/retrying-call.ts";
import { StreamingCall } from "./client/streaming-call.ts";
import { UnaryCall } from "./client/unary-call.ts";
import { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

export type { LoadBalancingPolicy } from "./client/load-balancer.ts";
export { type ConnectionLimits, defaultConnectionLimits } from "./http2/connection-limits.ts";

/** Options of a transport. */
export type GrpcTransportOptions = {
  /** The server, `http://host:port` or `https://host:port`, or several of which each can take any call. */
  readonly address: string | readonly string[];
  /** Authorities, certificate and key for `https`. A function is asked at each connect; it must not throw. */
  readonly tls?: ConnectionOptions | (() => ConnectionOptions);
  /** How calls are spread over several servers: in turn unless given. */
  readonly loadBalancingPolicy?: LoadBalancingPolicy;
  /** The largest message, in either direction, after decompression: 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Messages of this size or more go out in gzip; never unless given. */
  readonly compressMinBytes?: number;
  /**
   * How long calls wait for a connection before they go to another server: 1 s, well within their deadlines.
   * Connecting goes on for five times as long, and calls that have no other server to go to wait for it.
   */
  readonly connectTimeoutMs?: number;
  /** Most connections to each server: 4. */
  readonly maxConnections?: number;
  /** What goes around every call, the first of them outermost. */
  readonly interceptors?: Interceptor[];
  /** Limits of each connection; `defaultLimits` unless given. */
  readonly limits?: Partial<ConnectionLimits>;
};

/** A transport for Connect's clients, which can be closed. */
export type GrpcTransport = Transport & {
  /** Takes no more calls, and ends the connections once their calls have ended. */
  close(): void;
};

/**
 * Makes a transport that speaks gRPC. It connects at the first call, shares connections among calls, and
 * connects again by itself. A call that was certainly not processed is made again, on another server if
 * there is one.
 */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const addresses = [options.address].flat().map((address) => new URL(address));
  // When one server goes, another may be back that could not be reached before.
  const onDown = () => {
    for (const channel of channels) channel.resetBackoff();
  };
  const channels = addresses.map((address) => createChannel(address, options, onDown));
  const send: RequestWriterOptions = {
    scheme: addresses[0]?.protocol === "https:" ? "https" : "http",
    maxMessageBytes: options.maxMessageBytes ?? 4 * 1024 * 1024,
    compressMinBytes: options.compressMinBytes ?? Number.POSITIVE_INFINITY,
  };
  const transport = callingTransport(
    new LoadBalancer(channels, options.loadBalancingPolicy ?? "round_robin"),
    send,
  );
  const { interceptors = [] } = options;
  const [address] = addresses;
  const open =
    interceptors.length > 0
      ? withInterceptors(transport, String(address), interceptors)
      : transport;
  return Object.assign(open, {
    close() {
      for (const channel of channels) channel.close();
    },
  });
}

function callingTransport(balancer: LoadBalancer, send: RequestWriterOptions): Transport {
  const budget = new RetryBudget();
  return {
    unary(method, signal, timeoutMs, header, input) {
      try {
        const outgoing = new RequestWriter(method, send, signal, timeoutMs, header);
        outgoing.encodeSingle(input);
        const attempts = new RetryingCall(balancer, budget, signal);
        return new UnaryCall(method, attempts, outgoing).run() as Promise<
          UnaryResponse<typeof method.input, typeof method.output>
        >;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async stream(method, signal, timeoutMs, header, input) {
      const outgoing = new RequestWriter(method, send, signal, timeoutMs, header);
      const attempts = new RetryingCall(balancer, budget, signal);
      const messages = input as AsyncIterable<never>;
      return new StreamingCall(method, attempts, outgoing, messages).run() as Promise<
        StreamResponse<DescMessage & typeof method.input, typeof method.output>
      >;
    },
  };
}

function createChannel(address: URL, options: GrpcTransportOptions, onDown: () => void): Channel {
  const { tls } = options;
  return new Channel({
    address,
    onDown,
    tls: typeof tls === "function" ? tls : () => tls ?? {},
    limits: { ...defaultConnectionLimits, maxIdleMs: 5 * 60_000, ...options.limits },
    connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
    maxConnections: options.maxConnections ?? 4,
  });
}
