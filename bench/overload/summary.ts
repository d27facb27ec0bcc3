import { percentile } from "../base/report.ts";
import type { Sample } from "./load-generator.ts";

/** Window in which a recovery is timed. */
const recoveryWindowMs = 100;
/** A window in which this share of the responses is good counts as recovered. */
const recoveredShare = 0.95;

/** What came of a load, in requests a second and milliseconds. */
export type LoadSummary = {
  readonly sent: number;
  /** Served within the deadline. */
  readonly good: number;
  readonly p50: number;
  readonly p99: number;
  /** The 99th percentile of the refused. */
  readonly refusedP99: number;
};

export type SummaryOptions = {
  readonly seconds: number;
  readonly deadlineMs: number;
  /** Left out at the beginning of the load, while Plaza adapts to it. */
  readonly warmUpMs: number;
};

export function summarize(
  all: readonly Sample[],
  { seconds, deadlineMs, warmUpMs }: SummaryOptions,
): LoadSummary {
  const begun = Math.min(...all.slice(0, 1_000).map(({ atMs }) => atMs)) + warmUpMs;
  const samples = all.filter(({ atMs }) => atMs >= begun);
  const served = samples.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = samples.filter(({ status }) => status !== 200).map(({ ms }) => ms);
  const perSecond = (count: number) => count / (seconds - warmUpMs / 1_000);
  return {
    sent: perSecond(samples.length),
    good: perSecond(samples.filter((one) => isGood(one, deadlineMs)).length),
    p50: percentile(served, 0.5),
    p99: percentile(served, 0.99),
    refusedP99: refused.length > 0 ? percentile(refused, 0.99) : 0,
  };
}

/** How long after `endedAt` it takes until nineteen of twenty responses are good, and stay so. */
export function recoveryTimeMs(
  samples: readonly Sample[],
  endedAt: number,
  deadlineMs: number,
): number {
  const windows = Map.groupBy(samples, ({ atMs }) =>
    Math.floor((atMs - endedAt) / recoveryWindowMs),
  );
  const bad = [...windows].filter(([, sent]) => {
    const good = sent.filter((one) => isGood(one, deadlineMs));
    return good.length < recoveredShare * sent.length;
  });
  return Math.max(0, ...bad.map(([window]) => (window + 1) * recoveryWindowMs));
}

function isGood({ status, ms }: Sample, deadlineMs: number): boolean {
  return status === 200 && ms <= deadlineMs;
}
