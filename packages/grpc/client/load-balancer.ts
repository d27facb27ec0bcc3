import { Code, ConnectError } from "@connectrpc/connect";
import type { Channel } from "./channel.ts";

/** How calls are spread over several servers: in turn, or to the one with the fewest calls under way. */
export type Balancing = "round_robin" | "least_outstanding";

const failuresInARow = 5;
const ejectionMs = 30_000;
const mostEjections = 10;
/** Codes that say that a server is in trouble, not that a call was wrong. */
const trouble = new Set<Code>([
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.DataLoss,
  Code.DeadlineExceeded,
]);

type Member = {
  readonly channel: Channel;
  /** Calls that have failed in a row. */
  failures: number;
  /** How often it was left out in a row. */
  ejections: number;
  outUntil: number;
};

/**
 * Chooses among servers. One that is down is tried in the background, and has no calls until it is reached,
 * unless all are down. Of the others one that fails five calls in a row, or lets them wait until their
 * deadlines, is left out for 30 s, and for 30 s more each time, up to 5 min, until it has served a call again;
 * when more than half would be left out, none is, since then the fault lies elsewhere.
 */
export class Balancer {
  readonly #members: Member[];
  readonly #balancing: Balancing;
  #turn = 0;

  constructor(channels: readonly Channel[], balancing: Balancing) {
    this.#members = channels.map((channel) => ({
      channel,
      failures: 0,
      ejections: 0,
      outUntil: 0,
    }));
    this.#balancing = balancing;
  }

  /** The server for the next attempt; those tried before come last. */
  pick(tried: ReadonlySet<Channel> | undefined): Channel {
    const [only] = this.#members;
    if (!only) throw new ConnectError("there is no server to call", Code.Unavailable);
    if (this.#members.length === 1) return only.channel;
    const now = performance.now();
    const up = this.#members.filter(({ channel }) => !channel.isDown);
    if (up.length < this.#members.length) this.#probe();
    const able = up.length > 0 ? up : this.#members;
    const fit = able.filter(({ outUntil }) => outUntil <= now);
    const usual = fit.length * 2 >= able.length ? fit : able;
    const fresh = usual.filter(({ channel }) => !tried?.has(channel));
    const candidates = fresh.length > 0 ? fresh : usual;
    this.#turn += 1;
    const start = this.#turn % candidates.length;
    let best = candidates[start] as Member;
    if (this.#balancing === "least_outstanding") {
      for (const member of candidates) {
        if (member.channel.outstanding < best.channel.outstanding) best = member;
      }
    }
    return best.channel;
  }

  /**
   * Takes note of how a call on a server ended. `wasSilent` says that since it began the server has answered
   * no call, this or another.
   */
  report(channel: Channel, error: ConnectError | undefined, wasSilent: boolean): void {
    if (this.#members.length === 1) return;
    // Its caller has called it off, or it took longer than others: that says nothing of the server.
    if (error?.code === Code.Canceled) return;
    if (error?.code === Code.DeadlineExceeded && !wasSilent) return;
    const member = this.#members.find((one) => one.channel === channel);
    const now = performance.now();
    const isWell = !error || !trouble.has(error.code);
    if (isWell) channel.answers += 1;
    // Calls that were under way when it was left out say nothing new, and they may be many.
    if (!member || member.outUntil > now) return;
    if (isWell) {
      member.failures = 0;
      member.ejections = 0;
      return;
    }
    member.failures += 1;
    if (member.failures < failuresInARow) return;
    member.failures = 0;
    member.ejections = Math.min(member.ejections + 1, mostEjections);
    member.outUntil = now + ejectionMs * member.ejections;
  }

  #probe(): void {
    for (const { channel } of this.#members) if (channel.isDown) channel.probe();
  }
}
