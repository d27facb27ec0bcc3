import { Code, ConnectError } from "@connectrpc/connect";
import type { Http2Stream } from "../http2/stream.ts";
import type { Channel } from "./channel.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { ResponseListener } from "./response-listener.ts";

const maxAttempts = 4;

/** A call that can be attempted again. */
export type RetriableCall = Pick<ResponseListener, "onEnd"> & {
  /** A stream to the server `authority` is open. */
  onStream(stream: Http2Stream, authority: string): void;
};

/**
 * Picks a server for each attempt at a call, and repeats those that no server processed: no connection came up, or
 * the server refused the stream, with REFUSED_STREAM or a GOAWAY that leaves it out (gRFC A6, "Transparent Retries").
 */
export class RetryingCall {
  readonly #balancer: LoadBalancer;
  readonly #signal: AbortSignal | undefined;
  #triedChannels: Set<Channel> | undefined;
  #channel: Channel | undefined;
  #responsesAtStart = 0;
  #attemptCount = 0;

  constructor(balancer: LoadBalancer, signal: AbortSignal | undefined) {
    this.#balancer = balancer;
    this.#signal = signal;
  }

  /**
   * Starts an attempt: opens a stream to a server, at once when a connection has capacity, otherwise within
   * `remainingMs()`.
   */
  startAttempt(call: RetriableCall, remainingMs: () => number | undefined): void {
    this.#attemptCount += 1;
    const channel = this.#balancer.pick(this.#triedChannels);
    this.#channel = channel;
    channel.outstandingCalls += 1;
    this.#responsesAtStart = channel.responseCount;
    const stream = channel.tryOpenStream();
    if (stream) {
      call.onStream(stream, channel.authority);
      return;
    }
    channel.openStream(this.#signal, remainingMs()).then(
      (opened) => call.onStream(opened, channel.authority),
      (error: unknown) => call.onEnd(ConnectError.from(error, Code.Unavailable), undefined, true),
    );
  }

  /** The response has begun. */
  onResponseStarted(): void {
    if (this.#channel) this.#channel.responseCount += 1;
  }

  /**
   * Ends an attempt. Returns whether to start another, which is safe only when the server processed nothing
   * of this one.
   */
  finishAttempt(error: ConnectError | undefined, wasUnprocessed: boolean): boolean {
    const channel = this.#channel;
    if (!channel) return false;
    channel.outstandingCalls -= 1;
    // A restarting server refuses calls it has not begun; that says nothing about its health. A call that gets no
    // stream until its deadline does.
    if (!wasUnprocessed || error?.code === Code.DeadlineExceeded) {
      this.#balancer.recordOutcome(
        channel,
        error,
        channel.responseCount === this.#responsesAtStart,
      );
    }
    if (!error || !wasUnprocessed || error.code !== Code.Unavailable) return false;
    if (this.#attemptCount >= maxAttempts || this.#signal?.aborted) return false;
    this.#triedChannels ??= new Set();
    this.#triedChannels.add(channel);
    return true;
  }
}
