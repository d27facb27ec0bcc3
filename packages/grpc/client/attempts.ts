import { Code, ConnectError } from "@connectrpc/connect";
import type { Stream } from "../http2/stream.ts";
import type { Balancer } from "./balancer.ts";
import type { Channel } from "./channel.ts";
import type { RetryBudget } from "./retry-budget.ts";

const mostAttempts = 4;

/** The attempts at one call: where each goes, and whether there may be another. */
export class Attempts {
  readonly #balancer: Balancer;
  readonly #budget: RetryBudget;
  readonly #signal: AbortSignal | undefined;
  #tried: Set<Channel> | undefined;
  #channel: Channel | undefined;
  #count = 0;
  #isUnsent = false;

  constructor(balancer: Balancer, budget: RetryBudget, signal: AbortSignal | undefined) {
    this.#balancer = balancer;
    this.#budget = budget;
    this.#signal = signal;
    budget.deposit();
  }

  /** Goes on to a server: answers its address, for `begin`. */
  next(): Channel {
    this.#count += 1;
    this.#channel = this.#balancer.pick(this.#tried);
    return this.#channel;
  }

  /**
   * Opens a stream to the server that `next` chose; a promise when that takes a while, which is no longer
   * than `timeLeft` answers.
   */
  open(channel: Channel, timeLeft: () => number | undefined): Stream | Promise<Stream> {
    channel.outstanding += 1;
    const stream = channel.tryOpen();
    if (stream) return stream;
    return channel.open(this.#signal, timeLeft()).catch((error) => {
      this.#isUnsent = true;
      throw error;
    });
  }

  /**
   * Ends an attempt. Answers whether to make another, which is right only when nothing of this one was
   * processed.
   */
  end(error: ConnectError | undefined, wasUnprocessed: boolean): boolean {
    const channel = this.#channel;
    if (!channel) return false;
    channel.outstanding -= 1;
    // A server that is restarted refuses what it has not begun, and cannot be reached: it is not in trouble.
    if (!wasUnprocessed) this.#balancer.report(channel, error);
    if (!error || !wasUnprocessed || error.code !== Code.Unavailable) return false;
    if (this.#count >= mostAttempts || this.#signal?.aborted) return false;
    this.#tried ??= new Set();
    this.#tried.add(channel);
    // What reached no server has cost none anything.
    const isFree = this.#isUnsent;
    this.#isUnsent = false;
    return isFree || this.#budget.withdraw();
  }
}

/** The error of a stream that could not be had. */
export const asConnectError = (error: unknown): ConnectError =>
  ConnectError.from(error, Code.Unavailable);
