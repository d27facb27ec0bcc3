import { Code, ConnectError } from "@connectrpc/connect";
import type { Channel } from "./channel.ts";

/** How calls are spread over several servers: in turn, or to the one with the fewest calls under way. */
export type Balancing = "round_robin" | "least_outstanding";

const failuresInARow = 5;
const ejectionMs = 30_000;
const mostEjections = 10;
/** Codes that say that a server is in trouble, not that a call was wrong. */
const trouble = new Set<Code>([Code.Unavailable, Code.Internal, Code.Unknown, Code.DataLoss]);

type Member = {
  readonly channel: Channel;
  /** Calls that have failed in a row. */
  failures: number;
  /** How often it was left out in a row. */
  ejections: number;
  outUntil: number;
};

/**
 * Chooses among servers. One that fails five calls in a row is left out for 30 s, and for 30 s more each
 * time, up to 5 min, until it has served a call again; when more than half would be left out, none is,
 * since then the fault lies elsewhere.
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
    const fit = this.#members.filter(({ channel, outUntil }) => outUntil <= now && !channel.isDown);
    const usual = fit.length * 2 >= this.#members.length ? fit : this.#members;
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

  /** Takes note of how a call on a server ended. */
  report(channel: Channel, error: ConnectError | undefined): void {
    if (this.#members.length === 1) return;
    const member = this.#members.find((one) => one.channel === channel);
    const now = performance.now();
    // Calls that were under way when it was left out say nothing new, and they may be many.
    if (!member || member.outUntil > now) return;
    if (!error || !trouble.has(error.code)) {
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
}
