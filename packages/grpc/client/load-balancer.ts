import { Code, ConnectError } from "@connectrpc/connect";
import type { Channel } from "./channel.ts";

/** How calls are distributed over servers: in turn, or to the one with the fewest calls in flight. */
export type LoadBalancingPolicy = "round_robin" | "least_outstanding";

const maxConsecutiveFailures = 5;
const ejectionMs = 30_000;
const maxEjectionMultiplier = 10;
/** Codes of an unhealthy server, as opposed to a wrong call. */
const serverErrorCodes = new Set<Code>([
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.DataLoss,
  Code.DeadlineExceeded,
]);

type Backend = {
  readonly channel: Channel;
  consecutiveFailures: number;
  consecutiveEjections: number;
  ejectedUntil: number;
};

/**
 * Load balancer with outlier ejection: five consecutive failures, calls without any response until their
 * deadline among them, eject a server for 30 s, then 60 s, up to 300 s; a success resets that. If more than
 * half would be ejected, none is, since the cause lies elsewhere. Servers that cannot be reached get no calls
 * and are probed in the background, unless none can be reached.
 */
export class LoadBalancer {
  readonly #backends: Backend[];
  readonly #policy: LoadBalancingPolicy;
  #nextIndex = 0;

  constructor(channels: readonly Channel[], policy: LoadBalancingPolicy) {
    this.#backends = channels.map((channel) => ({
      channel,
      consecutiveFailures: 0,
      consecutiveEjections: 0,
      ejectedUntil: 0,
    }));
    this.#policy = policy;
  }

  /** The server for the next attempt; those tried before come last. */
  pick(tried: ReadonlySet<Channel> | undefined): Channel {
    const [only] = this.#backends;
    if (!only) throw new ConnectError("no server is available", Code.Unavailable);
    if (this.#backends.length === 1) return only.channel;
    const now = performance.now();
    const up = this.#backends.filter(({ channel }) => !channel.isDown);
    if (up.length < this.#backends.length) this.#probeUnreachable();
    const reachable = up.length > 0 ? up : this.#backends;
    const notEjected = reachable.filter(({ ejectedUntil }) => ejectedUntil <= now);
    const eligible = notEjected.length * 2 >= reachable.length ? notEjected : reachable;
    const untried = eligible.filter(({ channel }) => !tried?.has(channel));
    const candidates = untried.length > 0 ? untried : eligible;
    this.#nextIndex += 1;
    const start = this.#nextIndex % candidates.length;
    let best = candidates[start] as Backend;
    if (this.#policy === "least_outstanding") {
      for (const backend of candidates) {
        if (backend.channel.outstandingCalls < best.channel.outstandingCalls) best = backend;
      }
    }
    return best.channel;
  }

  /**
   * Records the outcome of a call. `wasServerSilent`: the server has responded to no call, this or another,
   * since it began.
   */
  recordOutcome(channel: Channel, error: ConnectError | undefined, wasServerSilent: boolean): void {
    if (this.#backends.length === 1) return;
    // The caller cancelled it, or it took longer than others: that says nothing about the server.
    if (error?.code === Code.Canceled) return;
    if (error?.code === Code.DeadlineExceeded && !wasServerSilent) return;
    const backend = this.#backends.find((one) => one.channel === channel);
    const now = performance.now();
    const isSuccess = !error || !serverErrorCodes.has(error.code);
    if (isSuccess) channel.responseCount += 1;
    // Calls in flight when it was ejected say nothing new.
    if (!backend || backend.ejectedUntil > now) return;
    if (isSuccess) {
      backend.consecutiveFailures = 0;
      backend.consecutiveEjections = 0;
      return;
    }
    backend.consecutiveFailures += 1;
    if (backend.consecutiveFailures < maxConsecutiveFailures) return;
    backend.consecutiveFailures = 0;
    backend.consecutiveEjections = Math.min(
      backend.consecutiveEjections + 1,
      maxEjectionMultiplier,
    );
    backend.ejectedUntil = now + ejectionMs * backend.consecutiveEjections;
  }

  #probeUnreachable(): void {
    for (const { channel } of this.#backends) if (channel.isDown) channel.probe();
  }
}
