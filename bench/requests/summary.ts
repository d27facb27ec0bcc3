import type { TimedLoopResult } from "../base/closed-loop.ts";
import { median, printTable } from "../base/report.ts";

/** A round, with the share of a core that the server had. */
export type Round = TimedLoopResult & { readonly busy: number };

/** The rounds of a load on a server, with a number of connections. */
export type Measurement = {
  readonly load: string;
  readonly name: string;
  readonly connections: number;
  readonly rounds: Round[];
};

const head = [
  "server",
  "served",
  "each round",
  "p50",
  "p99",
  "refused",
  "of a core",
  "served per CPU s",
];

/** Prints what was measured with a number of connections. */
export function printMeasurements(all: readonly Measurement[], connections: number): void {
  const rows = all.map(({ load, name, rounds }) => {
    const of = (value: (round: Round) => number) => median(rounds.map(value));
    return [
      load,
      name,
      `${of(servedPerSecond).toFixed(0)}/s`,
      rounds.map((round) => round.servedPerSecond.toFixed(0)).join(" · "),
      `${of((round) => round.p50Ms).toFixed(1)} ms`,
      `${of((round) => round.p99Ms).toFixed(1)} ms`,
      `${refusedOf(rounds)}`,
      `${(100 * of((round) => round.busy)).toFixed(0)} %`,
      `${of((round) => round.servedPerSecond / round.busy).toFixed(0)}/s`,
    ];
  });
  printTable([[`${connections} connections`, ...head], ...rows]);
  console.log();
}

/** Figures of all measurements, and how the rates of `subject` compare with those of the others. */
export function summarize(all: readonly Measurement[], subject: string) {
  const figures: Record<string, number> = {};
  const ratios: Record<string, number> = {};
  for (const { load, name, connections, rounds } of all) {
    const key = `${load}_${name}_${connections}`;
    figures[key] = median(rounds.map(servedPerSecond));
    figures[`${key}_p99_ms`] = median(rounds.map((round) => round.p99Ms));
    figures[`${key}_refused`] = refusedOf(rounds);
  }
  for (const { load, name, connections } of all) {
    const rateOf = (server: string) => figures[`${load}_${server}_${connections}`] ?? Number.NaN;
    if (name !== subject)
      ratios[`${load}_vs_${name}_${connections}`] = rateOf(subject) / rateOf(name);
  }
  return { figures, ratios };
}

const servedPerSecond = (round: Round): number => round.servedPerSecond;

const refusedOf = (rounds: readonly Round[]): number =>
  rounds.reduce((sum, { refused }) => sum + refused, 0);
