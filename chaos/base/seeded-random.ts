/** A source of numbers that its seed determines, so that a run can be repeated. */
export type SeededRandom = {
  /** From 0 up to but not including `below`. */
  nextInt(below: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
};

/** Generates numbers by mulberry32: fast, and random enough to choose operations and faults. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const nextInt = (below: number): number => Math.floor(next() * below);
  return { nextInt, pick: (items) => items[nextInt(items.length)] ?? items[0] };
}
