import { setTimeout as sleep } from "node:timers/promises";

const maxRefusedShare = 0.01;
const refusedPauseMs = 10;

/** Whether a response refuses for load: too many requests, or overloaded. */
export function isRefusal(status: number): boolean {
  return status === 429 || status === 503;
}

/** Counts, for each contender of a benchmark, the requests that were served and refused. */
export class RefusalCounter {
  readonly #counts = new Map<string, { served: number; refused: number }>();

  /** Adds a round of `name`; returns what was served in a second. */
  add(
    name: string,
    round: { readonly servedPerSecond: number; readonly served: number; readonly refused: number },
  ): number {
    const counts = this.#counts.getOrInsertComputed(name, () => ({ served: 0, refused: 0 }));
    counts.served += round.served;
    counts.refused += round.refused;
    return round.servedPerSecond;
  }

  /** The refused share of the requests of `name`, for a table. */
  cell(name: string): string {
    return `${(100 * this.#share(name)).toFixed(2)} %`;
  }

  /**
   * Throws when more than one request in a hundred was refused: then the rates compare how the contenders
   * refuse. Another process that takes much of the machine is the usual cause.
   */
  assertFew(): void {
    const names = [...this.#counts.keys()].filter((name) => this.#share(name) > maxRefusedShare);
    if (names.length > 0) throw new Error(`over 1 % was refused: ${names.join("; ")}`);
  }

  #share(name: string): number {
    const { served = 0, refused = 0 } = this.#counts.get(name) ?? {};
    return refused === 0 ? 0 : refused / (served + refused);
  }
}

/** Waits before a refused request is sent again. */
export async function pauseAfterRefusal(): Promise<void> {
  await sleep(refusedPauseMs);
}
