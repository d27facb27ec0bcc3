import { Code, ConnectError } from "@connectrpc/connect";
import type { Stream } from "../http2/stream.ts";
import type { Channel } from "./channel.ts";
import type { AnswerListener } from "./client-call.ts";
import type { Balancer } from "./load-balancer.ts";
import type { RetryBudget } from "./retry-budget.ts";

const mostAttempts = 4;

/** A call of which attempts are made. */
export type Attempted = Pick<AnswerListener, "onEnd"> & {
  /** There is a stream, to the server of this address. */
  onStream(stream: Stream, authority: string): void;
};

/** The attempts at one call: where each goes, and whether there may be another. */
export class Attempts {
  readonly #balancer: Balancer;
  readonly #budget: RetryBudget;
  readonly #signal: AbortSignal | undefined;
  #tried: Set<Channel> | undefined;
  #channel: Channel | undefined;
  #answersThen = 0;
  #count = 0;
  #isUnsent = false;

  constructor(balancer: Balancer, budget: RetryBudget, signal: AbortSignal | undefined) {
    this.#balancer = balancer;
    this.#budget = budget;
    this.#signal = signal;
    budget.deposit();
  }

  /**
   * Makes an attempt: opens a stream to a server, at once if there is room, and otherwise within what
   * `timeLeft` answers.
   */
  begin(call: Attempted, timeLeft: () => number | undefined): void {
    this.#count += 1;
    const channel = this.#balancer.pick(this.#tried);
    this.#channel = channel;
    channel.outstanding += 1;
    this.#answersThen = channel.answers;
    const stream = channel.tryOpen();
    if (stream) {
      call.onStream(stream, channel.authority);
      return;
    }
    channel.open(this.#signal, timeLeft()).then(
      (opened) => call.onStream(opened, channel.authority),
      (error: unknown) => {
        this.#isUnsent = true;
        call.onEnd(ConnectError.from(error, Code.Unavailable), undefined, true);
      },
    );
  }

  /** The server has begun to answer. */
  answered(): void {
    if (this.#channel) this.#channel.answers += 1;
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
    if (!wasUnprocessed) {
      this.#balancer.report(channel, error, channel.answers === this.#answersThen);
    }
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
