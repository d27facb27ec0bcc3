/** A measured series: its name, and its figure in each round. */
export type Series = { readonly name: string; readonly values: readonly number[] };

/** The median, which a burst of noise on the machine does not move. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The value that the given share, from 0 to 1, of all values lies below; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** How many rounds are run before any counts, and how many count. */
export type Rounds = { readonly warmUp: number; readonly counted: number };

/** One round that warms up and `n` that count; `n` alone in a smoke run. */
export function roundsOf({ n, smoke }: { n: number; smoke: boolean }): Rounds {
  return { warmUp: smoke ? 0 : 1, counted: n };
}

/**
 * Runs the contenders in turn, round after round, so that whatever else the machine does hits all alike.
 */
export async function runRounds(
  { warmUp, counted }: Rounds,
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, Series>> {
  const measured = new Map<string, number[]>();
  for (let round = 0; round < warmUp + counted; round += 1) {
    for (const [name, measure] of Object.entries(contenders)) {
      const value = await measure();
      if (round >= warmUp) measured.getOrInsertComputed(name, () => []).push(value);
    }
  }
  return Object.fromEntries([...measured].map(([name, values]) => [name, { name, values }]));
}

/** The median of a series by its name; NaN when there is none. */
export function medianOf(series: Readonly<Record<string, Series>>, name: string): number {
  return median(series[name]?.values ?? []);
}

/** Prints rows of text as an aligned table. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    console.log(cells.join("  ").trimEnd());
  }
}

/** The cells of a series: its name, its median and all its values, rounded. */
export function seriesCells({ name, values }: Series, unit: string, digits = 0): string[] {
  const text = (value: number) => value.toFixed(digits);
  return [name, `${text(median(values))} ${unit}`.trim(), values.map(text).join(" · ")];
}

/** What the last line of a benchmark says. */
export type BenchResult = {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, number>>;
  /** Whether this was a smoke run, whose ratios mean nothing. */
  readonly smoke: boolean;
};

/** Prints the last line of a benchmark, for machines. */
export function printResult({ bench, ratios, figures, smoke }: BenchResult): void {
  const line = { bench, ratios: rounded(ratios), figures: rounded(figures) };
  console.log(JSON.stringify(smoke ? { ...line, smoke } : line));
}

function rounded(all: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(all);
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
