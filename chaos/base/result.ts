import { type Anomalies, countAnomalies } from "./validate-checker.ts";

/** What a suite reports at its end. */
export type SuiteResult = {
  readonly anomalies: Anomalies;
  readonly figures: Readonly<Record<string, unknown>>;
  /** The seeded faults that were run, and how many of them the checker detected. */
  readonly planted?: { readonly caught: number; readonly of: number };
};

const maxPrinted = 10;

/** Writes a line of a suite's log. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Prints the first anomalies of each kind, and as the last line the result in JSON. A suite passes without
 * anomalies and when every seeded fault was detected; otherwise the process is to exit with 1.
 */
export function printSuiteResult(
  suite: string,
  { anomalies, figures, planted }: SuiteResult,
): void {
  for (const [kind, found] of Object.entries(anomalies)) {
    for (const one of found.slice(0, maxPrinted)) printLine(`${kind}: ${one}`);
  }
  const pass = countAnomalies(anomalies) === 0 && planted?.caught === planted?.of;
  const counts = Object.fromEntries(
    Object.entries(anomalies).map(([kind, found]) => [kind, found.length]),
  );
  printLine(JSON.stringify({ chaos: suite, pass, figures: { ...figures, ...counts }, planted }));
  process.exitCode = pass ? 0 : 1;
}
