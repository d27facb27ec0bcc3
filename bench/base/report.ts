/** One measured thing: what it is called, and its figure in each round. */
export type Series = { readonly name: string; readonly values: readonly number[] };

/** The middle of several figures, which a burst of noise on the machine does not move. */
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

/**
 * Runs the contenders in turn, round after round, so that whatever else the machine does hits all alike.
 * The first round warms up and does not count.
 */
export async function runRounds(
  count: number,
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, Series>> {
  const measured = new Map<string, number[]>();
  for (let round = 0; round <= count; round++) {
    for (const [name, measure] of Object.entries(contenders)) {
      const value = await measure();
      if (round > 0) measured.getOrInsertComputed(name, () => []).push(value);
    }
  }
  return Object.fromEntries([...measured].map(([name, values]) => [name, { name, values }]));
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

/** Prints a series as its median and all its values, rounded. */
export function seriesCells({ name, values }: Series, unit: string, digits = 0): string[] {
  const text = (value: number) => value.toFixed(digits);
  return [name, `${text(median(values))} ${unit}`, values.map(text).join(" · ")];
}

/** The last line of a benchmark, for machines. */
export function printResult(
  bench: string,
  ratios: Record<string, number>,
  figures: Record<string, number>,
): void {
  const rounded = (all: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, Number(value.toPrecision(4))]),
    );
  console.log(JSON.stringify({ bench, ratios: rounded(ratios), figures: rounded(figures) }));
}
