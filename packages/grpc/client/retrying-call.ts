import { Code, ConnectError } from "@connectrpc/connect";
import type { Http2Stream } from "../http2/stream.ts";
import type { Channel } from "./channel.ts";
import type { ResponseListener } from "./client-call.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { RetryBudget } from "./retry-budget.ts";

const maxAttempts = 4;

/** A call of which attempts are made. */
export type RetriableCall = Pick<ResponseListener, "onEnd"> & {
  /** There is a stream, to the server of this address. */
  onStream(stream: Http2Stream, authority: string): void;
};

/** The attempts at one call: where each goes, and whether there may be another. */
export class RetryingCall {
  readonly #balancer: LoadBalancer;
  readonly #budget: RetryBudget;
  readonly #signal: AbortSignal | undefined;
  #triedChannels: Set<Channel> | undefined;
  #channel: Channel | undefined;
  #responsesAtStart = 0;
  #attemptCount = 0;
  #hasFailedToConnect = false;

  constructor(balancer: LoadBalancer, budget: RetryBudget, signal: AbortSignal | undefined) {
    this.#balancer = balancer;
    this.#budget = budget;
    this.#signal = signal;
    budget.deposit();
  }

  /**
   * Makes an attempt: opens a stream to a server, at once if there is room, and otherwise within what
   * `timeLeft` answers.
   */
  startAttempt(call: RetriableCall, timeLeft: () => number | undefined): void {
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
    channel.openStream(this.#signal, timeLeft()).then(
      (opened) => call.onStream(opened, channel.authority),
      (error: unknown) => {
        this.#hasFailedToConnect = true;
        call.onEnd(ConnectError.from(error, Code.Unavailable), undefined, true);
      },
    );
  }

  /** The server has begun to answer. */
  onResponseStarted(): void {
    if (this.#channel) this.#channel.responseCount += 1;
  }

  /**
   * Ends an attempt. Answers whether to make another, which is right only when nothing of this one was
   * processed.
   */
  finishAttempt(error: ConnectError | undefined, wasUnprocessed: boolean): boolean {
    const channel = this.#channel;
    if (!channel) return false;
    channel.outstandingCalls -= 1;
    // A server that is restarted refuses what it has not begun, and cannot be reached: it is not in trouble.
    if (!wasUnprocessed) {
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
    // What reached no server has cost none anything.
    const isFree = this.#hasFailedToConnect;
    this.#hasFailedToConnect = false;
    return isFree || this.#budget.withdraw();
  }
}
