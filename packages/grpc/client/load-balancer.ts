import { Code, ConnectError } from "@connectrpc/connect";
import type { Channel } from "./channel.ts";

/** How calls are spread over several servers: in turn, or to the one with the fewest calls under way. */
export type LoadBalancingPolicy = "round_robin" | "least_outstanding";

const maxConsecutiveFailures = 5;
const ejectionMs = 30_000;
const maxEjectionMultiplier = 10;
/** Codes that say that a server is in trouble, not that a call was wrong. */
const serverErrorCodes = new Set<Code>([
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.DataLoss,
  Code.DeadlineExceeded,
]);

type Backend = {
  readonly channel: Channel;
  /** Calls that have failed in a row. */
  consecutiveFailures: number;
  /** How often it was left out in a row. */
  consecutiveEjections: number;
  ejectedUntil: number;
};

/**
 * Chooses among servers. One that is down is tried in the background, and has no calls until it is reached,
 * unless all are down. Of the others one that fails five calls in a row, or lets them wait until their
 * deadlines, is left out for 30 s, and for 30 s more each time, up to 5 min, until it has served a call again;
 * when more than half would be left out, none is, since then the fault lies elsewhere.
 */
export class LoadBalancer {
  readonly #backends: Backend[];
  readonly #policy: LoadBalancingPolicy;
  #nextIndex = 0;

  constructor(channels: readonly Channel[], balancing: LoadBalancingPolicy) {
    this.#backends = channels.map((channel) => ({
      channel,
      consecutiveFailures: 0,
      consecutiveEjections: 0,
      ejectedUntil: 0,
    }));
    this.#policy = balancing;
  }

  /** The server for the next attempt; those tried before come last. */
  pick(tried: ReadonlySet<Channel> | undefined): Channel {
    const [only] = this.#backends;
    if (!only) throw new ConnectError("there is no server to call", Code.Unavailable);
    if (this.#backends.length === 1) return only.channel;
    const now = performance.now();
    const up = this.#backends.filter(({ channel }) => !channel.isDown);
    if (up.length < this.#backends.length) this.#probeUnreachable();
    const able = up.length > 0 ? up : this.#backends;
    const fit = able.filter(({ ejectedUntil }) => ejectedUntil <= now);
    const usual = fit.length * 2 >= able.length ? fit : able;
    const fresh = usual.filter(({ channel }) => !tried?.has(channel));
    const candidates = fresh.length > 0 ? fresh : usual;
    this.#nextIndex += 1;
    const start = this.#nextIndex % candidates.length;
    let best = candidates[start] as Backend;
    if (this.#policy === "least_outstanding") {
      for (const member of candidates) {
        if (member.channel.outstandingCalls < best.channel.outstandingCalls) best = member;
      }
    }
    return best.channel;
  }

  /**
   * Takes note of how a call on a server ended. `wasSilent` says that since it began the server has answered
   * no call, this or another.
   */
  recordOutcome(channel: Channel, error: ConnectError | undefined, wasServerSilent: boolean): void {
    if (this.#backends.length === 1) return;
    // Its caller has called it off, or it took longer than others: that says nothing of the server.
    if (error?.code === Code.Canceled) return;
    if (error?.code === Code.DeadlineExceeded && !wasServerSilent) return;
    const member = this.#backends.find((one) => one.channel === channel);
    const now = performance.now();
    const isWell = !error || !serverErrorCodes.has(error.code);
    if (isWell) channel.responseCount += 1;
    // Calls that were under way when it was left out say nothing new, and they may be many.
    if (!member || member.ejectedUntil > now) return;
    if (isWell) {
      member.consecutiveFailures = 0;
      member.consecutiveEjections = 0;
      return;
    }
    member.consecutiveFailures += 1;
    if (member.consecutiveFailures < maxConsecutiveFailures) return;
    member.consecutiveFailures = 0;
    member.consecutiveEjections = Math.min(member.consecutiveEjections + 1, maxEjectionMultiplier);
    member.ejectedUntil = now + ejectionMs * member.consecutiveEjections;
  }

  #probeUnreachable(): void {
    for (const { channel } of this.#backends) if (channel.isDown) channel.probe();
  }
}
